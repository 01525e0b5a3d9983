import FluxJSON

extension JSON.Object {
    /// The text of a case: `KEY`, or the bytes `KEY_hex` when the text is not valid UTF-8, which is an error here.
    func text(_ key: String = "text") throws -> String {
        guard let digits = try optionalString("\(key)_hex") else { return try string(key) }
        guard let text = String(validating: try unhex(digits), as: UTF8.self) else { throw NotUTF8() }
        return text
    }
}

private struct NotUTF8: Error {}
