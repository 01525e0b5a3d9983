package import FluxJSON
internal import Glibc
package import RFC22Idset

/// When a `datetime` entry is due: the seconds, minutes, hours, days and years it names, in local time.
///
/// Source: job-protocol 8 (observed: flux-core 0.88).
package struct CalendarRule: Hashable, Sendable {
    /// A part of a date, under its name in `cron.create`.
    package enum Unit: String, Hashable, Sendable, CaseIterable {
        case second, minute, hour, mday, month, weekday, year

        /// The values a part can have: months from 0, years since 1900, Sunday 0, and second 60 of a leap second.
        package var range: ClosedRange<UInt32> {
            switch self {
            case .second: 0...60
            case .minute: 0...59
            case .hour: 0...23
            case .mday: 1...31
            case .month: 0...11
            case .weekday: 0...6
            case .year: 0...1100
            }
        }

        /// English names that stand for values, at least their first letters.
        fileprivate var names: [String] {
            switch self {
            case .month:
                [
                    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                    "november", "december",
                ]
            case .weekday: ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
            default: []
            }
        }
    }

    /// Why a rule is refused.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let unit: Unit
        package let text: String
        package var description: String {
            "\(unit.rawValue): '\(text)' is not a list of values and ranges in \(unit.range.lowerBound)-\(unit.range.upperBound)"
        }
    }

    /// The values of each part; all of them when a part is not named.
    package private(set) var values: [Unit: Idset] = [:]

    /// Every second.
    package init() {
        for unit in Unit.allCases { values[unit] = Idset(unit.range) }
    }

    /// - Parameter json: an object of integers, or of lists like `*/15`, `1-5,7` or `mon-fri`, by unit.
    package init(json: JSON) throws(Refusal) {
        self.init()
        for unit in Unit.allCases {
            guard let value = json[unit.rawValue] else { continue }
            guard let text = value.stringValue ?? value.intValue.map({ "\($0)" }) else {
                throw Refusal(unit: unit, text: value.text)
            }
            values[unit] = try Self.parse(text, unit)
        }
    }

    package var json: JSON.Object {
        var object = JSON.Object()
        for unit in Unit.allCases { object[unit.rawValue] = .string("\(values[unit] ?? Idset())") }
        return object
    }

    private static func parse(_ text: String, _ unit: Unit) throws(Refusal) -> Idset {
        let refusal = Refusal(unit: unit, text: text)
        var set = Idset()
        for part in text.split(separator: ",") {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count <= 2 else { throw refusal }
            var stride: UInt32 = 1
            if halves.count == 2 {
                guard let value = UInt32(halves[1]), value > 0 else { throw refusal }
                stride = value
            }
            guard let range = range(halves[0], unit) else { throw refusal }
            for value in Swift.stride(from: range.lowerBound, through: range.upperBound, by: Int(stride)) { set.insert(value) }
        }
        guard !set.isEmpty else { throw refusal }
        return set
    }

    private static func range(_ text: Substring, _ unit: Unit) -> ClosedRange<UInt32>? {
        if text == "*" { return unit.range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = value(ends[0], unit), let last = value(ends[ends.count - 1], unit) else { return nil }
        guard first <= last, unit.range.contains(first), unit.range.contains(last) else { return nil }
        return first...last
    }

    private static func value(_ text: Substring, _ unit: Unit) -> UInt32? {
        if let number = UInt32(text) { return number }
        guard !text.isEmpty else { return nil }
        return unit.names.firstIndex { $0.hasPrefix(text.lowercased()) }.map { UInt32($0) }
    }
}
