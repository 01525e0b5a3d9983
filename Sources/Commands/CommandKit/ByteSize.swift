/// Numbers of bytes as people write them: `512`, `10K`, `1.5M`.
enum ByteSize {
    /// - Returns: nil when the text is no number, has an unknown suffix, or is too large.
    static func parse(_ text: String) -> Int? {
        let suffixes: [Character: Double] = ["k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6]
        var number = text[...]
        var scale = 1.0
        if let last = text.last, let power = suffixes[last] {
            number = number.dropLast()
            for _ in 0..<Int(power) { scale *= 1024 }
        }
        guard let value = Double(number), value >= 0, value * scale < 9e18 else { return nil }
        return Int(value * scale)
    }
}
