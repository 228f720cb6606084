# Completion of dockfix's words in bash 4.4 or newer, for: dockfix completion bash >> ~/.bashrc
# Only in the shell that runs: source <(dockfix completion bash)
_dockfix() {
    local IFS=$'\n' each joined=
    local -a words=() paths=()
    # For bash the equals sign of --format=json is a word of its own.
    for each in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ $each == = || $joined == yes ]]; then
            words[-1]+=$each
        else
            words+=("$each")
        fi
        [[ $each == = ]] && joined=yes || joined=
    done
    local word=${words[-1]} at=$((${#words[@]} - 1))
    mapfile -t COMPREPLY < <(
        COMP_WORDS="${words[*]}" COMP_CWORD=$at _DOCKFIX_COMPLETE=complete_bash "$1" 2>/dev/null | grep .
    )
    [[ $word == *=* ]] && COMPREPLY=("${COMPREPLY[@]##*=}")
    # What is no command is a path.
    if [[ $at -eq 1 && $word != -* ]]; then
        mapfile -t paths < <(compgen -f -- "$word")
        if [[ ${#paths[@]} -gt 0 ]]; then
            compopt -o filenames
            COMPREPLY+=("${paths[@]}")
        fi
    fi
}
complete -o default -F _dockfix dockfix
