internal import Glibc

/// Who owns the terminal while the initial program runs.
enum Foreground {
    nonisolated(unsafe) private static var saved: termios?

    /// Puts the process group of a program into the foreground, if this one is there now.
    static func give(to process: Int64?) {
        guard let process, isatty(0) == 1, tcgetpgrp(0) == getpgrp() else { return }
        var state = termios()
        if tcgetattr(0, &state) == 0 { saved = state }
        let group = getpgid(pid_t(process))
        guard group > 0, group != getpgrp() else { return }
        tcsetpgrp(0, group)
        kill(-group, SIGCONT)
    }

    /// Brings this process back into the foreground and the terminal into its former state.
    static func takeBack() {
        guard var state = saved else { return }
        saved = nil
        signal(SIGTTOU, SIG_IGN)
        tcsetpgrp(0, getpgrp())
        tcsetattr(0, TCSADRAIN, &state)
        signal(SIGTTOU, SIG_DFL)
    }
}
