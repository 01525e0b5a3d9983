/// How a field is fitted into a column: `>12`, `<10.10+`, `>8h`, `.2f`.
struct FieldSpec: Hashable, Sendable {
    var fill: Character = " "
    var align: Character?
    var width = 0
    var precision: Int?
    var type: Character?
    /// `h`: a dash for nothing.
    var hasDash = false
    /// `+`: a plus sign where text was cut.
    var marksCut = false
    /// What stands before `::` in the spec of a time.
    var timeFormat: String?

    /// Reads a spec; nil when it is none.
    init?(_ text: String, isTime: Bool = false) {
        var text = text[...]
        if isTime {
            if let parts = text.range(of: "::") {
                timeFormat = String(text[..<parts.lowerBound])
                text = text[parts.upperBound...]
            } else {
                timeFormat = String(text)
                text = ""
            }
        }
        if text.hasSuffix("+") {
            marksCut = true
            text = text.dropLast()
        }
        if text.hasSuffix("h") {
            hasDash = true
            text = text.dropLast()
        }
        let second = text.dropFirst().first
        if let second, "<>=^".contains(second) {
            fill = text.removeFirst()
            align = text.removeFirst()
        } else if let first = text.first, "<>=^".contains(first) {
            align = text.removeFirst()
        }
        if let sign = text.first, "+- #".contains(sign) { text.removeFirst() }
        if text.first == "0", text.count > 1 {
            if align == nil { (fill, align) = ("0", "=") }
            text.removeFirst()
        }
        let digits = text.prefix { $0.isNumber }
        width = Int(digits) ?? 0
        text = text.dropFirst(digits.count)
        if text.first == "." {
            let digits = text.dropFirst().prefix { $0.isNumber }
            precision = Int(digits)
            guard precision != nil else { return nil }
            text = text.dropFirst(1 + digits.count)
        }
        type = text.popFirst()
        guard text.isEmpty, type.map({ "bcdeEfFgGnosxX%".contains($0) }) ?? true else { return nil }
    }

    /// The value in its column.
    func format(_ value: FieldValue) -> String {
        var value = value
        if case .time(let seconds) = value {
            value = .text(seconds == 0 ? "" : Format.time(seconds, timeFormat.flatMap { $0.isEmpty ? nil : $0 } ?? "%FT%T"))
        }
        var text = value.text
        var isNumber = value.number != nil
        if hasDash {
            if FieldValue.emptyTexts.contains(text) { text = "-" }
            isNumber = false
        }
        if isNumber, let number = value.number {
            switch type {
            case "f", "F", "e", "g", "G", "E": text = Format.text("%.*\(type ?? "f")", [Int32(precision ?? 6), number])
            case "%": text = Format.fixed(number * 100, precision ?? 6) + "%"
            default: if precision != nil, case .real = value { text = Format.text("%.*g", [Int32(precision ?? 6), number]) }
            }
            return pad(text, standard: ">")
        }
        let full = text.unicodeScalars.count
        if let precision, precision < full { text = String(text.unicodeScalars.prefix(precision)) }
        var result = pad(text, standard: "<")
        if marksCut, result.unicodeScalars.count < full { result = "\(String(result.unicodeScalars.dropLast()))+" }
        return result
    }

    /// A heading in the column: never cut, always with blanks around it.
    func header(_ text: String) -> String {
        var spec = self
        spec.fill = " "
        return spec.pad(text, standard: "<")
    }

    private func pad(_ text: String, standard: Character) -> String {
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        switch align ?? standard {
        case ">", "=": return String(repeating: fill, count: missing) + text
        case "^":
            let left = missing / 2
            return String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left)
        default: return text + String(repeating: fill, count: missing)
        }
    }
}

extension Substring {
    /// The first place of a text.
    func range(of needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
