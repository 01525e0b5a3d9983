extension Hostlist: CustomStringConvertible {
    /// The compact text: names that follow each other share their prefix, `node[0-3,7],login`.
    public var description: String {
        var text = ""
        var index = 0
        while index < ranges.count {
            if index > 0 { text.append(",") }
            var end = index + 1
            while end < ranges.count, ranges[end].sharesBrackets(with: ranges[end - 1]) { end += 1 }
            text.append(ranges[index].prefix)
            let hasBrackets = end - index > 1 || ranges[index].count > 1
            if hasBrackets { text.append("[") }
            for position in index..<end {
                if position > index { text.append(",") }
                guard let numbers = ranges[position].numbers else { continue }
                text.append(padded: numbers.lowerBound, width: ranges[position].width)
                if numbers.count > 1 {
                    text.append("-")
                    text.append(padded: numbers.upperBound, width: ranges[position].width)
                }
            }
            if hasBrackets { text.append("]") }
            index = end
        }
        return text
    }
}

/// Encoded as the compact text in a single value container.
extension Hostlist: Codable {
    /// Reads the text of a hostlist.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(ParseError) {
            self = try Hostlist(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes the compact text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
