import FluxJSON

/// A file of vectors, `rfc22-idset/decode.json`.
public struct VectorFile: Sendable {
    /// Folder, `rfc22-idset`.
    public let folder: String
    /// File name in the folder, `decode.json`.
    public let name: String
    /// Number of the RFC.
    public let rfc: Int
    /// What the cases are about.
    public let title: String
    /// Where their results come from.
    public let source: String
    /// The cases in the order of the file.
    public let cases: [Vector]

    /// Why a file of vectors cannot be used.
    public struct LoadError: Error, CustomStringConvertible {
        /// File or folder.
        public let path: String
        /// What is wrong with it.
        public let reason: String

        public var description: String { "\(path): \(reason)" }
    }

    /// Reads one file.
    public init(path: String) throws(LoadError) {
        let parts = path.split(separator: "/")
        guard let bytes = contents(ofFile: path) else { throw LoadError(path: path, reason: "cannot be read") }
        let name = parts.last.map(String.init) ?? path
        let folder = parts.dropLast().last.map(String.init) ?? ""
        do {
            try self.init(json: JSON(parsing: replacingNonFiniteNumbers(bytes)), folder: folder, name: name)
        } catch {
            throw LoadError(path: path, reason: "\(error)")
        }
    }

    private init(json: JSON, folder: String, name: String) throws(PayloadError) {
        let object = try json.requireObject()
        let rfc = Int(try object.int("rfc"))
        self.folder = folder
        self.name = name
        self.rfc = rfc
        self.title = try object.optionalString("title") ?? ""
        self.source = try object.optionalString("source") ?? ""
        var cases: [Vector] = []
        for element in try object.array("cases") {
            cases.append(try Vector(json: element, folder: folder, file: name, rfc: rfc))
        }
        self.cases = cases
    }
}

extension VectorFile: CustomStringConvertible {
    /// `rfc22-idset/decode.json`.
    public var description: String { "\(folder)/\(name)" }
}

extension VectorFile {
    /// Every vector file below some folders, sorted by folder and name.
    ///
    /// - Parameter only: numbers of the RFCs to load; empty loads all.
    public static func load(directories: [String], only: [Int] = []) throws(LoadError) -> [VectorFile] {
        var files: [VectorFile] = []
        for directory in directories {
            let paths = filePaths(below: directory, suffix: ".json")
            guard !paths.isEmpty else { throw LoadError(path: directory, reason: "no vector files here") }
            for path in paths {
                if let number = rfcNumber(ofPath: path), !only.isEmpty, !only.contains(number) { continue }
                let file = try VectorFile(path: path)
                if only.isEmpty || only.contains(file.rfc) { files.append(file) }
            }
        }
        return files
    }

    /// The number in the name of the file's folder, when it has one.
    private static func rfcNumber(ofPath path: String) -> Int? {
        path.split(separator: "/").dropLast().last.flatMap { ConformanceKit.rfcNumber(ofFolder: String($0)) }
    }
}
