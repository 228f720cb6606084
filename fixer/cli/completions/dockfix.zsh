#compdef dockfix
# Completion of dockfix's words in zsh, for: dockfix completion zsh >> ~/.zshrc
# Only in the shell that runs: source <(dockfix completion zsh)
_dockfix() {
    local -x _TYPER_COMPLETE_ARGS="${(j: :)words[1,CURRENT]}" _DOCKFIX_COMPLETE=complete_zsh
    # Of --format=json the value alone is completed.
    [[ $words[CURRENT] == -*=* ]] && compset -P 1 '*='
    eval "$(${words[1]} 2>/dev/null)"
    # What is no command is a path.
    [[ $CURRENT -eq 2 && $words[2] != -* ]] && _files
}
if [[ $funcstack[1] == _dockfix ]]; then
    _dockfix "$@"
else
    # What completes has to be set up before, which not every ~/.zshrc does.
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef _dockfix dockfix
fi
