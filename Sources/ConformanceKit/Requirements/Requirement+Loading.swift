extension Requirement {
    /// Why the rows cannot be used.
    public struct LoadError: Error, CustomStringConvertible {
        /// File and line, `requirements/rfc22.tsv:4`.
        public let place: String
        /// What is wrong there.
        public let reason: String

        public var description: String { "\(place): \(reason)" }
    }

    /// Reads every `rfcNN.tsv` of a folder: id, section, level, demand and proofs, separated by tabs; proofs are
    /// separated by spaces and may be empty; `#` starts a comment line.
    ///
    /// - Parameter decisions: rows of `decisions.tsv`; those about demands name rows that exist and have no proof.
    /// - Throws: ``LoadError`` for the first row that is malformed or whose proof does not exist.
    public static func load(
        directory: String, proofs known: KnownProofs, decisions: [String: Decision]
    ) throws(LoadError) -> [Requirement] {
        var requirements: [Requirement] = []
        var ids: Set<String> = []
        for path in filePaths(below: directory, suffix: ".tsv") {
            let name = path.split(separator: "/").last ?? ""
            guard name.hasPrefix("rfc"), let rfc = Int(name.dropFirst(3).dropLast(4)) else {
                throw LoadError(place: path, reason: "the name is not rfc, two digits, .tsv")
            }
            for (index, row) in (lines(ofFile: path) ?? []).enumerated() where !row.isEmpty && !row.hasPrefix("#") {
                let place = "\(path):\(index + 1)"
                let requirement = try Requirement(row: row, rfc: rfc, place: place)
                guard ids.insert(requirement.id).inserted else {
                    throw LoadError(place: place, reason: "second row named \(requirement.id)")
                }
                if let stranger = requirement.proofs.first(where: { !known.contains($0) }) {
                    throw LoadError(place: place, reason: "there is no case or test named \(stranger)")
                }
                guard requirement.proofs.isEmpty || decisions[requirement.id] == nil else {
                    throw LoadError(place: place, reason: "\(requirement.id) has a proof and a row in decisions.tsv")
                }
                requirements.append(requirement)
            }
        }
        if let stray = decisions.values.first(where: { $0.outcome.isAboutDemand && !ids.contains($0.subject) }) {
            throw LoadError(place: "decisions.tsv", reason: "there is no requirement named \(stray.subject)")
        }
        return requirements
    }

    private init(row: Substring, rfc: Int, place: String) throws(LoadError) {
        let columns = row.split(separator: "\t", omittingEmptySubsequences: false)
        guard columns.count == 5 else {
            throw LoadError(
                place: place, reason: "expected id, section, level, demand, proof; found \(columns.count) columns")
        }
        guard let level = Level(rawValue: String(columns[2])) else {
            throw LoadError(place: place, reason: "the level is MUST, SHALL, REQUIRED or one of their negatives")
        }
        guard columns[0].hasPrefix("rfc\(rfc < 10 ? "0" : "")\(rfc)-"), !columns[3].isEmpty else {
            throw LoadError(place: place, reason: "the id does not begin with the number of the file, or no demand")
        }
        self.init(
            rfc: rfc, id: String(columns[0]), section: String(columns[1]), level: level, demand: String(columns[3]),
            proofs: columns[4].split(separator: " ").map(Proof.init))
    }
}
