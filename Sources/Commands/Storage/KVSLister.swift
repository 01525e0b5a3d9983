internal import CSystemShims
internal import Client
internal import CommandKit
internal import FluxJSON
internal import KVSClient

/// `flux kvs ls` and `flux kvs dir`.
struct KVSLister {
    private let reader: KVSReader
    private let arguments: Arguments
    private let width: Int

    init(_ flux: Handle, _ arguments: Arguments) throws {
        reader = KVSReader(flux, arguments)
        self.arguments = arguments
        if arguments.has("1") {
            width = 1
        } else if let width = try arguments.integer("width") {
            self.width = width
        } else {
            width = Self.terminalWidth
        }
    }

    private static var terminalWidth: Int {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        if flux_get_window_size(1, &rows, &columns) == 0 { return Int(columns) }
        return Environment["COLUMNS"].flatMap { Int($0) } ?? 80
    }

    private func entries(_ key: String) async throws -> [(name: String, object: JSON)] {
        let object: JSON
        do { object = try await reader.object(key, .readDirectory) } catch { throw CommandError("\(key): \(error)") }
        return (object["data"]?.objectValue ?? [:]).map { ($0.key, $0.value) }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    private static func isDirectory(_ object: JSON) -> Bool {
        let type = object["type"]?.stringValue
        return type == "dir" || type == "dirref"
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory == "." ? name : "\(directory).\(name)"
    }

    // MARK: dir

    /// Prints the keys below a directory with their values.
    func dump(_ key: String) async throws {
        for (name, object) in try await entries(key) {
            let path = Self.join(key, name)
            if object["type"]?.stringValue == "symlink" {
                let namespace = object["data"]?["namespace"]?.stringValue.map { "\($0)::" } ?? ""
                print("\(path) -> \(namespace)\(object["data"]?["target"]?.stringValue ?? "")")
            } else if Self.isDirectory(object) {
                let isEmpty = try await entries(path).isEmpty
                if arguments.has("recursive"), !isEmpty { try await dump(path) } else { print("\(path).") }
            } else if arguments.has("directory") {
                print(path)
            } else {
                let value: JSON
                do { value = try await reader.object(path) } catch { throw CommandError("\(path): \(error)") }
                show(path, (try? Handle.bytes(ofValue: value)) ?? [])
            }
        }
    }

    /// A line is cut at the width and at the first newline.
    private func show(_ key: String, _ value: [UInt8]) {
        var line = Array("\(key) = ".utf8) + value.prefix { $0 != 0 }
        var isCut = false
        if width > 3 {
            if line.count > width - 3 {
                line.removeLast(line.count - (width - 3))
                isCut = true
            }
            if let newline = line.firstIndex(of: 10) {
                isCut = isCut || newline + 1 < line.count
                line.removeLast(line.count - newline)
            }
        }
        printBytes(line + (isCut ? Array("...\n".utf8) : [10]))
    }

    // MARK: ls

    /// Lists keys and the content of directories.
    ///
    /// - Returns: 1 when a key could not be listed.
    func list(_ keys: [String]) async throws -> Int32 {
        var directories: [String] = []
        var singles: [String] = []
        var code: Int32 = 0
        for key in keys {
            var name = key
            var mustBeDirectory = false
            while name.count > 1, name.hasSuffix(".") {
                name.removeLast()
                mustBeDirectory = true
            }
            do {
                try await sort(name, mustBeDirectory, &directories, &singles)
            } catch let error as RPCError {
                // A key that is not there does not keep the others from being listed; other trouble does.
                guard error.errnum == Errno.noEntry else { throw CommandError("\(name): \(SystemText.of(error.errnum))") }
                printError("\(name): \(SystemText.of(error.errnum))")
                code = 1
            } catch {
                printError("\(name): \(error)")
                code = 1
            }
        }
        singles.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        directories.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        printColumns(singles)
        let hasLabels = !singles.isEmpty || directories.count > 1 || arguments.has("recursive")
        var hasSpace = !singles.isEmpty
        for directory in directories {
            try await listDirectory(directory, hasLabels, hasSpace)
            hasSpace = true
        }
        return code
    }

    private func sort(
        _ key: String, _ mustBeDirectory: Bool, _ directories: inout [String], _ singles: inout [String]
    ) async throws {
        let object = try await reader.object(key, .treeObject)
        if Self.isDirectory(object) {
            if arguments.has("directory") {
                singles.append(key + (arguments.has("classify") ? "." : ""))
            } else {
                directories.append(key)
            }
            return
        }
        if mustBeDirectory { throw CommandError("Not a directory") }
        guard object["type"]?.stringValue == "symlink" else {
            singles.append(key)
            return
        }
        if arguments.has("classify") || arguments.has("directory") {
            singles.append(key + (arguments.has("classify") ? "@" : ""))
            return
        }
        do {
            _ = try await reader.object(key)
            singles.append(key)
        } catch let error as RPCError where error.errnum == Errno.noEntry {
            singles.append(key)
        } catch let error as RPCError where error.errnum == Errno.isDirectory {
            directories.append(key)
        }
    }

    private func listDirectory(_ key: String, _ hasLabel: Bool, _ hasSpace: Bool) async throws {
        let entries = try await entries(key)
        if hasLabel { print("\(hasSpace ? "\n" : "")\(key):") }
        let classifies = arguments.has("classify")
        let names = entries.map { name, object in
            guard classifies else { return name }
            if Self.isDirectory(object) { return "\(name)." }
            return object["type"]?.stringValue == "symlink" ? "\(name)@" : name
        }
        printColumns(names, columnWidth: (entries.map(\.name.utf8.count).max() ?? 0) + 4)
        guard arguments.has("recursive") else { return }
        for (name, object) in entries where Self.isDirectory(object) {
            try await listDirectory(Self.join(key, name), hasLabel, true)
        }
    }

    /// Names in columns, as many as fit.
    private func printColumns(_ names: [String], columnWidth: Int? = nil) {
        let columnWidth = columnWidth ?? (names.map(\.utf8.count).max() ?? 0) + 4
        var column = 0
        var lastCount = 0
        var text = ""
        for name in names {
            if width != 0, column + columnWidth > width, column > 0 {
                text += "\n"
                column = 0
            } else if lastCount > 0 {
                text += String(repeating: " ", count: max(0, columnWidth - lastCount))
            }
            text += name
            lastCount = name.utf8.count
            column += columnWidth
        }
        if column > 0 { print(text) }
    }
}
