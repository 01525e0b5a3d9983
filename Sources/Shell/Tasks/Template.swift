/// Text with tags in double braces, `flux-{{id}}.out`.
///
/// Tags that nobody knows stay as they are.
enum Template {
    /// Replaces the tags that `value` knows.
    static func render(_ text: String, _ value: (String) -> String?) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
                return result + rest[start.lowerBound...]
            }
            let name = String(rest[start.upperBound..<end.lowerBound])
            result += value(name) ?? "{{\(name)}}"
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}

extension Substring {
    /// The first place of an ASCII text.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        let wanted = Array(text.utf8)
        var index = startIndex
        while index < endIndex {
            if utf8[index...].starts(with: wanted) { return index..<utf8.index(index, offsetBy: wanted.count) }
            index = utf8.index(after: index)
        }
        return nil
    }
}
