public import FluxJSON

/// How results are compared with what a case expects.
///
/// Objects are unordered, arrays ordered, numbers equal within a relative tolerance of 1e-9 whether written as
/// integers or reals, and the texts `inf`, `-inf`, `nan` stand for numbers that JSON cannot write.
public enum Comparison {
    /// Where two values differ first.
    public struct Difference: Hashable, Sendable, CustomStringConvertible {
        /// Path of the place as jq writes it, `.hosts[3]`; `.` is the whole.
        public let path: String
        /// What was expected there, as JSON text, or `nothing`.
        public let expected: String
        /// What was found there.
        public let found: String

        public var description: String { "\(path): expected \(expected), found \(found)" }
    }

    /// The first difference, or nil when the values agree.
    public static func difference(expected: JSON, actual: JSON, path: String = "") -> Difference? {
        switch (expected, actual) {
        case (.object(let left), .object(let right)):
            return objectDifference(left, right, path)
        case (.array(let left), .array(let right)):
            return arrayDifference(left, right, path)
        default:
            return scalarsAgree(expected, actual) ? nil : difference(at: path, expected, actual)
        }
    }

    private static func objectDifference(_ left: JSON.Object, _ right: JSON.Object, _ path: String) -> Difference? {
        for (key, value) in left {
            let place = "\(path).\(key)"
            guard let other = right[key] else { return difference(at: place, value, nil) }
            if let found = difference(expected: value, actual: other, path: place) { return found }
        }
        for (key, value) in right where left[key] == nil {
            return difference(at: "\(path).\(key)", nil, value)
        }
        return nil
    }

    private static func arrayDifference(_ left: [JSON], _ right: [JSON], _ path: String) -> Difference? {
        for (index, (one, other)) in zip(left, right).enumerated() {
            if let found = difference(expected: one, actual: other, path: "\(path)[\(index)]") { return found }
        }
        guard left.count != right.count else { return nil }
        let index = min(left.count, right.count)
        return difference(at: "\(path)[\(index)]", left.dropFirst(index).first, right.dropFirst(index).first)
    }

    private static func scalarsAgree(_ left: JSON, _ right: JSON) -> Bool {
        if left == right { return true }
        if case (.int, .int) = (left, right) { return false }
        guard let one = number(left), let other = number(right) else { return false }
        if one == other || (one.isNaN && other.isNaN) { return true }
        guard one.isFinite, other.isFinite else { return false }
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    }

    private static func number(_ value: JSON) -> Double? {
        switch value {
        case .int, .real: value.numberValue
        case .string("inf"): .infinity
        case .string("-inf"): -.infinity
        case .string("nan"): .nan
        default: nil
        }
    }

    private static func difference(at path: String, _ expected: JSON?, _ found: JSON?) -> Difference {
        Difference(
            path: path.isEmpty ? "." : path, expected: expected?.text ?? "nothing", found: found?.text ?? "nothing")
    }
}
