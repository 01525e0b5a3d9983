internal import RFC03Message
internal import Reactor

/// How bad it is, as syslog counts: the smaller, the worse.
public enum Severity: Int, Hashable, Sendable, CaseIterable, Comparable {
    case emerg = 0, alert, crit, err, warning, notice, info, debug

    public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    /// The word used in log lines.
    public var name: String { "\(self)" }
}

extension Handle {
    /// Sends one log record per line of `text` to the broker.
    ///
    /// - Parameters:
    ///   - component: who says it, at most 48 bytes.
    ///   - rank: the rank of this broker, which the record carries as its host name.
    /// - Source: broker-protocol 6.2: PRI is severity * 8, no facility (observed: flux-core 0.88).
    public func log(_ severity: Severity, _ text: String, component: String, rank: UInt32, processID: Int32) {
        let time = Timestamp.utc(reactor.wallTime)
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }) {
            let record =
                "<\(severity.rawValue * 8)>1 \(time) \(rank) \(component.prefix(48)) \(processID) - - \(line)"
            send(.request("log.append", payload: Array(record.utf8)))
        }
    }
}
