/// The two tables of `docs/architecture.md` that say who may import whom.
struct ImportTable {
    struct Layer {
        let name: String
        let folders: [String]
        let imports: [String]
    }

    /// Rows of the table "Layer, Folders, Imports".
    private(set) var layers: [Layer] = []
    /// For a module with a table row of its own, the folders that may import it.
    private(set) var special: [String: [String]] = [:]

    init(markdown: String) {
        var columns: [String] = []
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            let cells = Self.cells(of: line)
            if cells.isEmpty {
                columns = []
            } else if columns.isEmpty {
                columns = cells
            } else if cells[0].allSatisfy({ $0 == "-" }) || cells.count != columns.count {
                continue
            } else if columns == ["Layer", "Folders", "Imports"] {
                let layer = Layer(name: cells[0], folders: Self.terms(cells[1]), imports: Self.terms(cells[2]))
                layers.append(layer)
            } else if columns == ["Module", "Folders that import it"] {
                for module in Self.terms(cells[0]) { special[module] = Self.terms(cells[1]) }
            }
        }
    }

    /// The layers whose folders hold a file of `Sources`; a sound table has exactly one.
    func layers(of path: String) -> [Layer] {
        layers.filter { layer in layer.folders.contains { Self.holds($0, path) } }
    }

    /// Why a file at `path`, below `Sources`, may not import `module`; nil when it may.
    ///
    /// - Parameter folder: where the sources of the module are, nil when it is none of ours.
    func objection(to module: String, in path: String, from folder: String?) -> String? {
        if module == "Glibc" { return nil }
        if let folders = special[module] {
            return folders.contains { Self.holds($0, path) } ? nil : "\(path) is not among the importers of \(module)"
        }
        guard let layer = layers(of: path).first else { return "\(path) is in no layer" }
        guard let folder else { return "\(path) imports \(module), which is none of ours and in no table" }
        let target = layers(of: folder).map(\.name)
        return target.contains { layer.imports.contains($0) }
            ? nil : "\(path) (\(layer.name)) imports \(module) (\(target.joined(separator: ", ")))"
    }

    /// Whether `pattern` (`RFC*`, `Services/*`, `Broker/Overlay`) names a folder on the way to `path`, or `path` itself.
    static func holds(_ pattern: String, _ path: String) -> Bool {
        let wanted = pattern.split(separator: "/"), parts = path.split(separator: "/")
        guard parts.count >= wanted.count else { return false }
        return zip(wanted, parts).allSatisfy { want, part in
            want.hasSuffix("*") ? part.hasPrefix(want.dropLast()) : want == part
        }
    }

    private static func cells(of line: Substring) -> [String] {
        guard line.hasPrefix("|"), line.hasSuffix("|") else { return [] }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
    }

    private static func terms(_ cell: String) -> [String] {
        cell.split(separator: ",").map { trimmed($0).filter { $0 != "`" } }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        return String(start[..<(start.lastIndex { $0 != " " }.map { start.index(after: $0) } ?? start.startIndex)])
    }
}
