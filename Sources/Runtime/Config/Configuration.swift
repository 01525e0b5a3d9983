internal import CTOMLPlusPlus
public import FluxJSON
internal import Glibc

/// Why a configuration is refused: the file, the place and the reason.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// The configuration of an instance: one JSON object, read from TOML and JSON texts.
///
/// Source: broker-protocol 7.1 (observed: flux-core 0.88).
public enum Configuration {
    /// Reads a TOML document.
    ///
    /// - Parameter name: what errors call the document, a file name for instance.
    public static func parse(toml text: String, name: String) throws(ConfigurationError) -> JSON {
        var failure = flux_toml_error()
        var text = text
        let result = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { flux_toml_to_json($0.baseAddress ?? emptyText, $0.count, &failure) }
        }
        guard let result else {
            let reason = withUnsafeBytes(of: failure.reason) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let place = failure.line > 0 ? ":\(failure.line):\(failure.column)" : ""
            throw ConfigurationError(description: "\(name)\(place): \(reason)")
        }
        defer { free(result) }
        do {
            return try JSON(parsing: String(cString: result))
        } catch {
            throw ConfigurationError(description: "\(name): a value has no JSON form (infinity or not a number)")
        }
    }

    nonisolated(unsafe) private static let emptyText: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.initialize(to: 0)
        return UnsafePointer(pointer)
    }()

    /// Reads a JSON document, which must be an object.
    public static func parse(json text: String, name: String) throws(ConfigurationError) -> JSON {
        do {
            let value = try JSON(parsing: text)
            guard value.objectValue != nil else {
                throw ConfigurationError(description: "\(name): the configuration must be an object")
            }
            return value
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(description: "\(name): \(error)")
        }
    }

    /// Lays one object over another: tables are merged key by key, everything else is replaced.
    public static func merge(_ upper: JSON, over lower: JSON) -> JSON {
        guard case .object(let new) = upper, case .object(var result) = lower else { return upper }
        for (key, value) in new { result[key] = result[key].map { merge(value, over: $0) } ?? value }
        return .object(result)
    }

    /// Reads what `-c PATH` names: all `*.toml` files of a directory in order of name, or one file.
    public static func load(path: String) throws(ConfigurationError) -> JSON {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw ConfigurationError(description: "\(path): \(String(cString: strerror(errno)))")
        }
        guard information.st_mode & S_IFMT == S_IFDIR else { return try loadFile(path) }
        var result: JSON = .object([:])
        for file in try tomlFiles(in: path) { result = merge(try loadFile(file), over: result) }
        return result
    }

    /// Reads one value of `--conf=VALUE`: inline TOML or JSON, `KEY=VAL`, or a file name.
    public static func load(option value: String) throws(ConfigurationError) -> JSON {
        let first = value.first { !$0.isWhitespace }
        if value.contains("\n") {
            return first == "{"
                ? try parse(json: value, name: "--conf") : try parse(toml: value, name: "--conf")
        }
        if first == "{" { return try parse(json: value, name: "--conf") }
        guard let equals = value.firstIndex(of: "=") else { return try loadFile(value) }
        let text = String(value[value.index(after: equals)...])
        let scalar = (try? JSON(parsing: text)) ?? .string(text)
        let path = value[..<equals].split(separator: ".", omittingEmptySubsequences: false)
        guard !path.contains("") else {
            throw ConfigurationError(description: "--conf: \(value): a part of the key is empty")
        }
        return path.reversed().reduce(scalar) { inner, key in .object([String(key): inner]) }
    }

    private static func loadFile(_ path: String) throws(ConfigurationError) -> JSON {
        let text = try readText(path)
        return path.hasSuffix(".json") ? try parse(json: text, name: path) : try parse(toml: text, name: path)
    }

    private static func tomlFiles(in directory: String) throws(ConfigurationError) -> [String] {
        guard let stream = opendir(directory) else {
            throw ConfigurationError(description: "\(directory): \(String(cString: strerror(errno)))")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().map { "\(directory)/\($0)" }
    }

    private static func readText(_ path: String) throws(ConfigurationError) -> String {
        guard let file = fopen(path, "re") else {
            throw ConfigurationError(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= 64 << 20 else {
                throw ConfigurationError(description: "\(path): larger than 64 MiB")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
