internal import Subprocess

/// What a child process runs, by a name that `CommandKit.Command` does not hide.
typealias ChildCommand = Command
