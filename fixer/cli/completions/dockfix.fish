# Completion of dockfix's words in fish, for:
# dockfix completion fish > ~/.config/fish/completions/dockfix.fish
# Only in the shell that runs: dockfix completion fish | source
function __dockfix_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -lx _TYPER_COMPLETE_ARGS (commandline -cp)
    set -lx _TYPER_COMPLETE_FISH_ACTION get-args
    set -lx _DOCKFIX_COMPLETE complete_fish
    set -l found ($words[1] 2>/dev/null | string match -r '.+')
    # Of --format=json the value alone is answered.
    set -l option (string match -r -- '^-[^=]*=' "$word")
    test (count $found) -gt 0; and printf "$option%s\n" $found
    # What is no command is a path, and so is what dockfix has no answer to.
    if not string match -q -- '-*' "$word"
        test (count $words) -eq 1; or test (count $found) -eq 0; and __fish_complete_path "$word"
    end
end
complete --command dockfix --no-files --arguments '(__dockfix_complete)'
