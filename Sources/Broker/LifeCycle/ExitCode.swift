/// What a wait status says to a shell: the exit status, or 128 plus the signal.
package enum ExitCode {
    package static func of(waitStatus status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
}
