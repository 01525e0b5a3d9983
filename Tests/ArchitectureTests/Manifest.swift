/// The rows of `Package.swift` that say where a module is and what it imports, read as text.
struct Manifest {
    struct Module: Hashable {
        let name: String
        let path: String
        let imports: Set<String>
    }

    let formats: [Module]
    let runtime: [Module]

    init(text: String) {
        formats = Self.rows(of: "formats", in: text).map { row in
            Module(name: row.words[0], path: row.words[0], imports: Set(row.list))
        }
        runtime = Self.rows(of: "runtime", in: text).compactMap { row in
            guard row.words.count == 2 else { return nil }
            return Module(name: row.words[0], path: row.words[1], imports: Set(row.list))
        }
    }

    /// The tuples of the array `let NAME: [...] = [ … ]`: their strings, and the strings of the list inside.
    private static func rows(of name: String, in text: String) -> [(words: [String], list: [String])] {
        guard let start = text.range(of: "let \(name):"), let end = text[start...].range(of: "\n]\n") else { return [] }
        var rows: [(words: [String], list: [String])] = []
        var (isInString, isInList, isComment) = (false, false, false)
        var word = ""
        for character in text[start..<end].drop(while: { $0 != "=" }) {
            switch character {
            case "\n": isComment = false
            case _ where isComment: break
            case "\"" where isInString:
                isInString = false
                guard !rows.isEmpty else { break }
                if isInList { rows[rows.count - 1].list.append(word) } else { rows[rows.count - 1].words.append(word) }
            case "\"": (isInString, word) = (true, "")
            case _ where isInString: word.append(character)
            case "/": isComment = true
            case "(":
                rows.append(([], []))
                isInList = false
            case "[": isInList = true
            case "]": isInList = false
            default: break
            }
        }
        return rows.filter { !$0.words.isEmpty }
    }
}

extension StringProtocol {
    /// Where `text` first occurs: the index of its first character.
    fileprivate func range(of text: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index }
            formIndex(after: &index)
        }
        return nil
    }
}
