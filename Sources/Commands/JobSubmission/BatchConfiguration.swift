public import FluxJSON

/// The configuration of a new instance, put together from the values of `--conf`.
///
/// Source: observed: flux-core 0.88.
public struct BatchConfiguration: Hashable, Sendable {
    /// Nil when no `--conf` was given.
    public private(set) var document: JSON.Object?

    public init() {}

    /// Adds a value: text of several lines is JSON or TOML, `KEY=VAL` sets a dotted key, `*.toml` and `*.json` are
    /// files, anything else is the name of a configuration in the user's or the system's folder.
    public mutating func add(_ value: String, in context: SubmissionContext) throws(SubmissionError) {
        if value.contains("\n") {
            guard let part = (try? JSON(parsing: value))?.objectValue ?? context.parseTOML(value)?.objectValue else {
                throw .failure("--conf: failed to parse multiline as TOML or JSON")
            }
            merge(part)
        } else if let equal = value.firstIndex(of: "=") {
            let key = String(value[..<equal])
            let text = String(value[value.index(after: equal)...])
            var whole = JSON.object(document ?? [:])
            do { try whole.set((try? JSON(parsing: text)) ?? .string(text), at: key) } catch {
                throw .failure("failed to set \(key) to \(text): \(error.reason)")
            }
            document = whole.objectValue
        } else if value.hasSuffix(".toml") || value.hasSuffix(".json") {
            let text = try context.text(value) { "--conf: \($0)" }
            merge(try parsed(text, value, context) { "--conf: parse error: \(value): \($0)" })
        } else {
            try addNamed(value, context)
        }
    }

    private mutating func merge(_ part: JSON.Object) {
        var whole = document ?? [:]
        whole.merge(part)
        document = whole
    }

    private func parsed(
        _ text: String, _ path: String, _ context: SubmissionContext, _ wrap: (String) -> String
    ) throws(SubmissionError) -> JSON.Object {
        guard path.hasSuffix(".json") else {
            guard let object = context.parseTOML(text)?.objectValue else { throw .failure(wrap("not TOML")) }
            return object
        }
        let value: JSON
        do { value = try JSON(parsing: text) } catch { throw .failure(wrap("\(error)")) }
        guard let object = value.objectValue else { throw .failure(wrap("not a table")) }
        return object
    }

    private mutating func addNamed(_ name: String, _ context: SubmissionContext) throws(SubmissionError) {
        for folder in context.configurationFolders {
            for suffix in [".toml", ".json"] {
                let path = "\(folder)/\(name)\(suffix)"
                guard let file = try? context.readFile(path) else { continue }
                let text = String(decoding: file.content, as: UTF8.self)
                merge(try parsed(text, path, context) { "--conf=\(name): \(path): \($0)" })
                return
            }
        }
        throw .failure("--conf: named config '\(name)' not found")
    }
}
