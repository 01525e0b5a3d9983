/// How much a message of the shell matters, as RFC 24 counts.
enum LogLevel: Int, Comparable {
    case fatal = 2, error, warning, notice, debug, trace

    static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The word in front of the message; a notice has none.
    var word: String? {
        switch self {
        case .fatal: "FATAL"
        case .error: "ERROR"
        case .warning: " WARN"
        case .notice: nil
        case .debug: "DEBUG"
        case .trace: "TRACE"
        }
    }
}
