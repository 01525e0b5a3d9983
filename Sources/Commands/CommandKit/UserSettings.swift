public import FluxJSON
internal import Glibc

/// What users and administrators have set for one of the listing commands: `flux-NAME.toml` and `flux-NAME.json` in the
/// folder `flux` of the configuration folders of the XDG specification.
///
/// The user's folder has the last word; tables of several files are merged.
/// Source: flux-core's commands in Python (observed: 0.88); commands.md 2.6.
public struct UserSettings: Sendable {
    /// The merged tables.
    public private(set) var tables: JSON.Object = [:]
    /// The files that were read, in order, each with its tables.
    public private(set) var files: [(path: String, tables: JSON.Object)] = []

    /// Reads the files.
    ///
    /// - Parameter name: of the file without its suffix, `flux-jobs`.
    /// - Throws: ``CommandError`` that names the file.
    public init(_ name: String) throws(CommandError) {
        for folder in Self.folders.reversed() {
            for suffix in ["json", "toml"] {
                let path = "\(folder)/flux/\(name).\(suffix)"
                guard access(path, R_OK) == 0 else { continue }
                let config: JSON
                if suffix == "json" {
                    do { config = try JSON(parsing: try Files.bytes(path)) } catch { throw CommandError("\(path): \(error)") }
                } else {
                    config = try ConfigurationFile.read(path)
                }
                let object = config.objectValue ?? [:]
                files.append((path, object))
                Self.merge(object, into: &tables)
            }
        }
    }

    /// The configuration folders, the most important first.
    private static var folders: [String] {
        func value(_ name: String) -> String? { Environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let own = value("XDG_CONFIG_HOME") ?? "\(Environment["HOME"] ?? "")/.config"
        return [own] + (value("XDG_CONFIG_DIRS") ?? "/etc/xdg").split(separator: ":").map(String.init)
    }

    private static func merge(_ new: JSON.Object, into old: inout JSON.Object) {
        for (key, value) in new {
            if let upper = value.objectValue, var lower = old[key]?.objectValue {
                merge(upper, into: &lower)
                old[key] = .object(lower)
            } else {
                old[key] = value
            }
        }
    }

    /// The formats behind the built-in ones.
    ///
    /// - Parameters:
    ///   - table: the subcommand whose table has the formats; nil when they stand at the top.
    ///   - builtin: names that cannot be used again.
    /// - Throws: ``CommandError`` that names the file and the key.
    func formats(in table: String?, builtin: [String]) throws(CommandError) -> [NamedFormat] {
        var result: [NamedFormat] = []
        for (path, tables) in files {
            let source = table.map { tables[$0] ?? [:] } ?? .object(tables)
            guard let value = source["formats"] else { continue }
            guard let formats = value.objectValue else {
                throw CommandError("\(path): the 'formats' key must be a mapping")
            }
            for (name, entry) in formats {
                if builtin.contains(name) {
                    throw CommandError("\(path): override of builtin format '\(name)' not permitted")
                }
                guard entry.objectValue != nil else { throw CommandError("\(path): 'formats.\(name)' must be a mapping") }
                guard let format = entry["format"] else {
                    throw CommandError("\(path): formats.\(name): required key 'format' missing")
                }
                guard let text = format.stringValue else {
                    throw CommandError("\(path): formats.\(name): 'format' key must be a string")
                }
                let named: NamedFormat = (name, entry["description"]?.stringValue ?? "", text)
                if let index = result.firstIndex(where: { $0.name == name }) {
                    result[index] = named
                } else {
                    result.append(named)
                }
            }
        }
        return result
    }
}

/// A format that `--format` knows by name.
public typealias NamedFormat = (name: String, description: String, format: String)
