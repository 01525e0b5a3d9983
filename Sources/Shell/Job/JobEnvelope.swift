internal import FluxJSON

/// The signed job request `J`: header, payload and signature, each in base64, with dots between.
///
/// The shell takes the jobspec out of it without checking the signature: that was done where the job was started.
/// Source: RFC 38.
enum JobEnvelope {
    /// The jobspec inside.
    static func jobspec(_ text: String) throws(ShellExit) -> JSON {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 3, let bytes = Base64.decode(String(parts[1])) else {
            throw ShellExit(1, "error fetching jobspec: J is not a signed job request")
        }
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw ShellExit(1, "error parsing jobspec: \(error)")
        }
    }
}
