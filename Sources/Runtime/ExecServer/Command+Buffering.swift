internal import RFC42Subprocess
internal import Subprocess

extension Rexec.Flags {
    /// Whether a stream goes to the client.
    func forwards(_ stream: String) -> Bool {
        switch stream {
        case "stdout": contains(.standardOutput)
        case "stderr": contains(.standardError)
        default: contains(.channels)
        }
    }
}

extension Rexec.ExecRequest {
    static let defaultBufferBytes = 4 << 20

    /// How many bytes of a stream are kept, from the option `NAME_BUFSIZE`; nil when that is no size.
    func bufferBytes(_ stream: String) -> Int? {
        guard let text = command.options["\(stream)_BUFSIZE"] else { return Self.defaultBufferBytes }
        let digits = text.prefix { $0.isNumber }
        let scale: Int? =
            switch text.dropFirst(digits.count) {
            case "": 1
            case "k", "K": 1 << 10
            case "m", "M": 1 << 20
            case "g", "G": 1 << 30
            default: nil
            }
        guard let scale, let number = Int(digits), number > 0, number <= Int(Int32.max) / scale else { return nil }
        return number * scale
    }

    /// How a stream is cut: by lines unless the option `NAME_LINE_BUFFER` is false.
    func mode(_ stream: String) -> StreamReader.Mode {
        if localFlags.contains(.unbuffered) || command.options["\(stream)_LINE_BUFFER"] == "false" { return .raw }
        return .lines(limit: bufferBytes(stream) ?? Self.defaultBufferBytes)
    }
}
