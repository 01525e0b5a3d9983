/// A Python slice, `[start:stop:step]`, as `job-manager.history.get` takes it.
///
/// ```swift
/// Slice(parsing: "[-2:]")?.indices(count: 5)    // 3, 4
/// ```
public struct Slice: Hashable, Sendable {
    private let start: Int?
    private let stop: Int?
    private let step: Int

    /// Reads a slice; nil when it is none. A colon is needed, and a step of 0 is none.
    public init?(parsing text: String) {
        guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count >= 2 else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        var numbers: [Int?] = []
        for part in parts {
            guard !part.isEmpty else {
                numbers.append(nil)
                continue
            }
            let digits = part.drop { $0 == " " || $0 == "\t" }
            guard let number = Int32(digits) else { return nil }
            numbers.append(Int(number))
        }
        start = numbers[0]
        stop = numbers[1]
        step = numbers.count > 2 ? numbers[2] ?? 1 : 1
        guard step != 0 else { return nil }
    }

    /// The indices into a list of `count` elements, in order.
    public func indices(count: Int) -> [Int] {
        func absolute(_ index: Int) -> Int { index < 0 ? count + index : index }
        let first = start.map(absolute) ?? (step > 0 ? 0 : count - 1)
        let end = stop.map(absolute) ?? (step > 0 ? count : -1)
        // Only what lies inside the list counts; the first index keeps its distance in steps.
        var index = first
        if step > 0, index < 0 { index += (-index + step - 1) / step * step }
        if step < 0, index >= count { index -= (index - count - step) / -step * -step }
        var result: [Int] = []
        while step > 0 ? index < min(end, count) : index > max(end, -1) {
            result.append(index)
            index += step
        }
        return result
    }
}
