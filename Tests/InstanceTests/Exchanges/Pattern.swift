import FluxJSON
import Glibc
import RFC19FLUID

/// Compares what came with what was recorded, where the recording leaves open what differs from run to run.
struct Pattern {
    /// The ids of the jobs that were submitted, by the name of their exchange.
    var jobs: [String: JobID] = [:]

    /// Where and how the value differs from the recording; nil when it does not.
    func difference(_ recorded: JSON, _ value: JSON, at path: String = "") -> String? {
        if let object = recorded.objectValue, object.count == 1, let (key, content) = object.first(where: { _ in true }),
            key.hasPrefix("$") {
            return special(key, content, value, at: path)
        }
        switch (recorded, value) {
        case (.object(let one), .object(let two)):
            for (key, content) in one {
                guard let other = two[key] else { return "\(path).\(key): missing" }
                if let found = difference(content, other, at: "\(path).\(key)") { return found }
            }
            return two.first { one[$0.key] == nil }.map { "\(path).\($0.key): not recorded" }
        case (.array(let one), .array(let two)):
            guard one.count == two.count else { return "\(path): \(two.count) elements, recorded \(one.count)" }
            for (index, pair) in zip(one, two).enumerated() {
                if let found = difference(pair.0, pair.1, at: "\(path)[\(index)]") { return found }
            }
            return nil
        case (.string(let text), _):
            return .string(filled(text)) == value ? nil : "\(path): \(value.text), recorded \(recorded.text)"
        default:
            return recorded == value ? nil : "\(path): \(value.text), recorded \(recorded.text)"
        }
    }

    /// The text with the ids of jobs in the places kept for them.
    func filled(_ text: String) -> String {
        jobs.reduce(text) { result, job in
            result.split(separator: "${\(job.key)}", omittingEmptySubsequences: false).joined(separator: job.value.f58Plain)
        }
    }

    private func special(_ key: String, _ content: JSON, _ value: JSON, at path: String) -> String? {
        switch key {
        case "$varies":
            return Self.kind(value) == content.stringValue ? nil : "\(path): \(value.text), recorded a \(content.text)"
        case "$job":
            let recorded = jobs[content.stringValue ?? ""].map { Int64($0.value) }
            return recorded == nil || recorded == value.intValue ? nil : "\(path): the id of another job"
        case "$owner":
            return value.intValue == Int64(geteuid()) ? nil : "\(path): \(value.text), not the owner"
        case "$lines":
            guard let text = value.stringValue else { return "\(path): \(value.text), recorded a string" }
            let lines = text.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
            return difference(content, .array(lines), at: path)
        case "$unordered":
            let values = value.arrayValue ?? []
            return content.arrayValue?
                .first { one in !values.contains { difference(one, $0) == nil } }
                .map { "\(path): nothing like \($0.text)" }
        default:
            return "\(path): \(key) means nothing"
        }
    }

    private static func kind(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .real: "real"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
