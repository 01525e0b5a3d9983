import Glibc

/// What lies in the repository, read without Foundation.
enum SourceTree {
    /// The repository's folder: two above the folder of this file.
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    /// Names of the entries of a folder, sorted; none when it is not there. Hidden ones are left out.
    static func entries(of folder: String) -> [String] {
        guard let stream = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat("\(root)/\(path)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Every file below a folder whose name ends so.
    static func files(below folder: String, ending: String) -> [String] {
        entries(of: folder).flatMap { name in
            let path = "\(folder)/\(name)"
            if isFolder(path) { return files(below: path, ending: ending) }
            return name.hasSuffix(ending) ? [path] : []
        }
    }

    static func text(of path: String) -> String? {
        guard let file = fopen("\(root)/\(path)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The modules that a Swift text imports: the word after `import`, or after its kind (`import struct A.B`).
    static func imports(in text: String) -> Set<String> {
        var modules: Set<String> = []
        for line in text.split(separator: "\n") {
            var words = line.split(separator: " ")[...]
            while let first = words.first, first.hasPrefix("@") || Self.accessLevels.contains(String(first)) {
                words.removeFirst()
            }
            guard words.popFirst() == "import" else { continue }
            if let kind = words.first, Self.kinds.contains(String(kind)) { words.removeFirst() }
            guard let path = words.first else { continue }
            modules.insert(String(path.prefix { $0 != "." && $0 != ";" }))
        }
        return modules
    }

    private static let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
}
