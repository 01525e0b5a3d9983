internal import Glibc

/// How a job ended, by the status of its finish event.
struct JobEnd {
    let exitCode: Int32
    /// What to tell; nil for success.
    let text: String?

    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        if signal != 0 {
            exitCode = 128 + signal
            text = "job shell \(String(cString: strsignal(signal)))"
        } else {
            exitCode = (waitStatus >> 8) & 0xff
            text =
                exitCode == 0
                ? nil
                : exitCode > 128
                    ? "task(s) \(String(cString: strsignal(exitCode - 128)))" : "task(s) exited with exit code \(exitCode)"
        }
    }
}
