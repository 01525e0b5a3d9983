/// The cases and tests that exist, so that a row cannot name another.
public struct KnownProofs: Sendable {
    private let cases: Set<String>
    /// Test functions by the name of the type they are in.
    private let tests: [String: Set<String>]

    /// - Parameters:
    ///   - vectors: files of cases.
    ///   - tests: folder of test sources, or nil when there is none.
    public init(vectors: [VectorFile], tests directory: String?) {
        cases = Set(vectors.flatMap { $0.cases.map(\.id) })
        var tests: [String: Set<String>] = [:]
        for path in directory.map({ filePaths(below: $0, suffix: ".swift") }) ?? [] {
            Self.collect(lines(ofFile: path) ?? [], into: &tests)
        }
        self.tests = tests
    }

    /// Whether a proof names something that exists.
    public func contains(_ proof: Requirement.Proof) -> Bool {
        switch proof {
        case .vector(let id): cases.contains(id)
        case .test(let suite, let function): tests[suite]?.contains(function) == true
        }
    }

    /// Notes the functions marked `@Test` under the type that they are in, which is told by how far lines are indented.
    private static func collect(_ lines: [Substring], into tests: inout [String: Set<String>]) {
        var types: [(indent: Int, name: String)] = []
        var isMarked = false
        for line in lines {
            let indent = line.prefix { $0 == " " }.count
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@" || $0 == "`") }
            if words.contains("@Test") { isMarked = true }
            let opening = words.firstIndex { ["struct", "enum", "class", "actor", "extension"].contains($0) }
            if let opening, opening + 1 < words.count, !line.contains("\""), !line.contains("//") {
                types.removeAll { $0.indent >= indent }
                types.append((indent, String(words[opening + 1])))
            } else if isMarked, let index = words.firstIndex(of: "func"), index + 1 < words.count {
                let suite = types.last { $0.indent < indent }?.name ?? ""
                tests[suite, default: []].insert(quotedName(in: line) ?? String(words[index + 1]))
                isMarked = false
            }
        }
    }

    /// The name in backticks of a function like func `a job ends`(), with hyphens for its spaces.
    private static func quotedName(in line: Substring) -> String? {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1].map { $0 == " " ? "-" : $0 }) : nil
    }
}
