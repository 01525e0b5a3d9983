import FluxJSON
import RFC23FSD

/// Operations of the vectors in `rfc23-fsd`.
enum RFC23Operations: Operations {
    static let folder = "rfc23-fsd"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "parse":
            let duration = try FluxDuration(parsing: input.text())
            return duration.isInfinite ? "inf" : .real(duration.seconds)
        case "format":
            return .string(try duration(input).description)
        case "format-prec":
            return .string(try duration(input).formatted(precision: Int(input.int("precision"))))
        case "format-short":
            return .string(FluxDuration.shortText(seconds: try seconds(input)))
        default:
            return nil
        }
    }

    private static func duration(_ input: JSON.Object) throws -> FluxDuration {
        guard let duration = FluxDuration(seconds: try seconds(input)) else { throw NotADuration() }
        return duration
    }

    /// The member `seconds`: a number, or the text of one that JSON cannot write.
    private static func seconds(_ input: JSON.Object) throws -> Double {
        if let text = input["seconds"]?.stringValue { return Double(text) ?? .nan }
        return try input.number("seconds")
    }

    private struct NotADuration: Error {}
}
