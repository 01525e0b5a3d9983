import Glibc

/// Whole contents of a file, or nil when it cannot be read.
func contents(ofFile path: String) -> [UInt8]? {
    guard let stream = fopen(path, "r") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, stream)
        if count == 0 { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return ferror(stream) == 0 ? bytes : nil
}

/// Lines of a text file, or nil when it cannot be read.
func lines(ofFile path: String) -> [Substring]? {
    contents(ofFile: path).map {
        String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
}

/// Names in a directory without `.` and `..`, sorted; nil when it is not a directory.
func names(inDirectory path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Paths of files with a suffix in a directory and the directories below it, or the path itself when it is a file.
func filePaths(below path: String, suffix: String) -> [String] {
    guard let names = names(inDirectory: path) else {
        return path.hasSuffix(suffix) && access(path, R_OK) == 0 ? [path] : []
    }
    return names.flatMap { filePaths(below: "\(path)/\($0)", suffix: suffix) }
}

/// Whether something exists at a path.
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The `conformance` folder of the package: below the working directory or one above it, else beside the sources this
/// was built from.
public func conformanceDirectory() -> String? {
    var candidates = ["conformance", "../conformance", "../../conformance"]
    let parts = #filePath.split(separator: "/")
    candidates.append("/" + parts.dropLast(3).joined(separator: "/") + "/conformance")
    return candidates.first { exists("\($0)/vectors") }
}
