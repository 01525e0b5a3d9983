/// Keys of the KVS: components divided by dots.
package enum Key {
    /// The key without leading, trailing and doubled dots; `.` is the root.
    ///
    /// Source: job-protocol §2.4 (observed: flux-core 0.88).
    package static func normalized(_ key: String) -> String {
        let bytes = key.utf8
        guard bytes.first == dot || bytes.last == dot || hasDoubledDot(bytes) else { return key }
        let joined = components(key).joined(separator: ".")
        return joined.isEmpty && !key.isEmpty ? "." : joined
    }

    /// The components; none for the root.
    package static func components(_ key: String) -> [Substring] { key.split(separator: ".") }

    private static let dot = UInt8(ascii: ".")

    private static func hasDoubledDot(_ bytes: String.UTF8View) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == dot, previous == dot { return true }
            previous = byte
        }
        return false
    }
}
