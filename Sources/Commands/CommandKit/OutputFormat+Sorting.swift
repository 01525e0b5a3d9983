extension OutputFormat {
    /// Sorts by the keys: empty values first, then numbers, then texts; equal rows keep their order.
    public func sort<Row>(_ rows: [Row], _ value: (Row, String) -> FieldValue) -> [Row] {
        guard !sortKeys.isEmpty else { return rows }
        let keyed = rows.enumerated().map { index, row in
            (row: row, index: index, keys: sortKeys.map { SortKey(value(row, $0.field)) })
        }
        return keyed.sorted { left, right in
            for (position, key) in sortKeys.enumerated() {
                let (a, b) = (left.keys[position], right.keys[position])
                if a == b { continue }
                return key.isReversed ? b < a : a < b
            }
            return left.index < right.index
        }.map(\.row)
    }
}

/// What a row is sorted by.
private struct SortKey: Comparable {
    private let rank: Int
    private let number: Double
    private let text: String

    init(_ value: FieldValue) {
        let text = value.text
        if text.isEmpty || text == "-" {
            (rank, number, self.text) = (0, 0, "")
        } else if let number = value.number ?? Double(text) {
            (rank, self.number, self.text) = (1, number, "")
        } else {
            (rank, number, self.text) = (2, 0, text)
        }
    }

    static func < (left: SortKey, right: SortKey) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.number != right.number { return left.number < right.number }
        return left.text.unicodeScalars.lexicographicallyPrecedes(right.text.unicodeScalars)
    }
}
