package import Client

/// One record of the log in the text form of RFC 5424 that Flux uses.
///
/// `<PRI>1 TIMESTAMP HOSTNAME APPNAME PROCID - - MESSAGE`, where the host name is the rank of the broker.
///
/// Source: broker-protocol 6.2 (observed: flux-core 0.88).
package struct LogRecord: Hashable, Sendable {
    package let severity: Severity
    package let timestamp: Substring
    package let hostname: Substring
    package let component: Substring
    package let message: Substring
    /// The whole record as it is on the wire, without a final NUL or newline.
    package let text: String

    /// - Returns: nil for a text that is not of this form.
    package init?(text: String) {
        guard text.utf8.first == UInt8(ascii: "<"), let close = text.firstIndex(of: ">"),
            let priority = Int(text[text.index(after: text.startIndex)..<close]), priority >= 0,
            let severity = Severity(rawValue: min(7, priority / 8))
        else { return nil }
        let fields = text[text.index(after: close)...].split(
            separator: " ", maxSplits: 7, omittingEmptySubsequences: false)
        guard fields.count == 8, fields[0] == "1" else { return nil }
        self.severity = severity
        timestamp = fields[1]
        hostname = fields[2]
        component = fields[3]
        message = fields[7]
        self.text = text
    }

    package var rank: UInt32? { UInt32(hostname) }

    /// `broker.err[0]: text`
    package var shortText: String { "\(component).\(severity.name)[\(hostname)]: \(message)" }
}
