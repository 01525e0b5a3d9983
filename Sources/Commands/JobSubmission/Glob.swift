import Glibc

/// The pattern of an environment or limit rule: a shell glob, or a regular expression after a slash.
struct Glob {
    private enum Kind {
        case glob([Unicode.Scalar])
        case expression(String)
    }

    private let kind: Kind

    init(_ text: String) {
        if text.hasPrefix("/") {
            var body = text.dropFirst()
            while body.last == "/" { body.removeLast() }
            kind = .expression(String(body))
        } else {
            kind = .glob(Array(text.unicodeScalars))
        }
    }

    /// The texts that match: a glob the whole text, an expression the beginning of it.
    func matches(among texts: some Sequence<String>) -> Set<String> {
        switch kind {
        case .glob(let pattern):
            return Set(texts.filter { Self.matches(pattern[...], Array($0.unicodeScalars)[...]) })
        case .expression(let body):
            var expression = regex_t()
            guard regcomp(&expression, "^(\(body))", REG_EXTENDED | REG_NOSUB) == 0 else { return [] }
            defer { regfree(&expression) }
            return Set(texts.filter { regexec(&expression, $0, 0, nil, 0) == 0 })
        }
    }

    /// `*`, `?`, `[a-z]`, `[!a-z]`; linear in the text for each star.
    private static func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        var p = pattern.startIndex
        var t = text.startIndex
        var star: (pattern: Int, text: Int)?
        while t < text.endIndex {
            if p < pattern.endIndex, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.endIndex, let next = step(pattern, p, text[t]) {
                p = next
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// The index after the element at `p` when it matches `c`.
    private static func step(_ pattern: ArraySlice<Unicode.Scalar>, _ p: Int, _ c: Unicode.Scalar) -> Int? {
        if pattern[p] == "?" { return p + 1 }
        guard pattern[p] == "[" else { return pattern[p] == c ? p + 1 : nil }
        var start = p + 1
        let isNegated = start < pattern.endIndex && pattern[start] == "!"
        if isNegated { start += 1 }
        let search = start < pattern.endIndex && pattern[start] == "]" ? start + 1 : start
        guard search <= pattern.endIndex, let end = pattern[search...].firstIndex(of: "]") else {
            return c == "[" ? p + 1 : nil
        }
        var isMember = false
        var index = start
        while index < end {
            if index + 2 < end, pattern[index + 1] == "-" {
                if pattern[index] <= c, c <= pattern[index + 2] { isMember = true }
                index += 3
            } else {
                if pattern[index] == c { isMember = true }
                index += 1
            }
        }
        return isMember != isNegated ? end + 1 : nil
    }
}
