/// The ranges of a large, fragmented set, cut into chunks so that a change in the middle moves little memory.
///
/// A set becomes chunked when it has thousands of ranges and one is added or removed far from the end; every operation
/// on whole sets makes it flat again.
struct RangeChunks: Sendable {
    /// Most ranges in a chunk.
    static let capacity = 512

    /// Where a range is.
    struct Place {
        var chunk: Int
        var index: Int
    }

    /// Never empty themselves; ascending within and among each other.
    private var chunks: [[ClosedRange<UInt32>]] = []
    /// The largest id of each chunk.
    private var uppers: [UInt32] = []

    init(_ ranges: [ClosedRange<UInt32>]) {
        for start in stride(from: 0, to: ranges.count, by: Self.capacity / 2) {
            let chunk = Array(ranges[start..<Swift.min(start + Self.capacity / 2, ranges.count)])
            uppers.append(chunk[chunk.count - 1].upperBound)
            chunks.append(chunk)
        }
    }

    /// All ranges in one array.
    var flattened: [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        ranges.reserveCapacity(chunks.reduce(0) { $0 + $1.count })
        for chunk in chunks { ranges += chunk }
        return ranges
    }

    var isEmpty: Bool { chunks.isEmpty }
    var first: UInt32? { chunks.first?.first?.lowerBound }
    var last: UInt32? { uppers.last }

    var count: Int {
        chunks.reduce(0) { total, chunk in
            chunk.reduce(total + chunk.count) { $0 &+ Int($1.upperBound &- $1.lowerBound) }
        }
    }

    /// The first range whose upper bound is not less than `id`, and its place; nil when there is none.
    func range(endingAtOrAfter id: UInt32) -> (range: ClosedRange<UInt32>, place: Place)? {
        let chunk = uppers.partitionPoint { $0 < id }
        guard chunk < chunks.count else { return nil }
        let index = chunks[chunk].partitionPoint { $0.upperBound < id }
        return (chunks[chunk][index], Place(chunk: chunk, index: index))
    }

    /// The range in front of a place; nil at the start.
    func range(before place: Place) -> ClosedRange<UInt32>? {
        if place.index > 0 { return chunks[place.chunk][place.index - 1] }
        return place.chunk > 0 ? chunks[place.chunk - 1].last : nil
    }

    /// Adds a range and says whether that changed anything.
    @discardableResult
    mutating func insert(_ range: ClosedRange<UInt32>) -> Bool {
        let lower = range.lowerBound
        let upper = range.upperBound
        guard let (own, first) = self.range(endingAtOrAfter: lower == 0 ? 0 : lower - 1) else {
            let end = Place(chunk: chunks.count - 1, index: chunks.last?.count ?? 0)
            if end.chunk < 0 {
                self = RangeChunks([range])
            } else {
                replace(from: end, to: end, with: CollectionOfOne(range))
            }
            return true
        }
        if own.lowerBound <= lower, upper <= own.upperBound { return false }
        var merged = range
        var end = first
        while let next = self.range(at: end), upper == .max || next.lowerBound <= upper + 1 {
            merged = Swift.min(merged.lowerBound, next.lowerBound)...Swift.max(merged.upperBound, next.upperBound)
            end.index += 1
            if end.index == chunks[end.chunk].count, end.chunk + 1 < chunks.count {
                end = Place(chunk: end.chunk + 1, index: 0)
            }
        }
        replace(from: first, to: end, with: CollectionOfOne(merged))
        return true
    }

    mutating func remove(_ range: ClosedRange<UInt32>) {
        guard let (head, first) = self.range(endingAtOrAfter: range.lowerBound),
            head.lowerBound <= range.upperBound
        else { return }
        var tail = head
        var end = first
        while let next = self.range(at: end), next.lowerBound <= range.upperBound {
            tail = next
            end.index += 1
            if end.index == chunks[end.chunk].count, end.chunk + 1 < chunks.count {
                end = Place(chunk: end.chunk + 1, index: 0)
            }
        }
        var rest: [ClosedRange<UInt32>] = []
        if head.lowerBound < range.lowerBound { rest.append(head.lowerBound...(range.lowerBound - 1)) }
        if range.upperBound < tail.upperBound { rest.append((range.upperBound + 1)...tail.upperBound) }
        replace(from: first, to: end, with: rest)
    }

    private func range(at place: Place) -> ClosedRange<UInt32>? {
        place.index < chunks[place.chunk].count ? chunks[place.chunk][place.index] : nil
    }

    /// Replaces the ranges from one place up to, but not including, another.
    private mutating func replace(
        from first: Place, to end: Place, with ranges: some Collection<ClosedRange<UInt32>>
    ) {
        if first.chunk == end.chunk {
            chunks[first.chunk].replaceSubrange(first.index..<end.index, with: ranges)
        } else {
            chunks[first.chunk].replaceSubrange(first.index..., with: ranges)
            chunks[end.chunk].removeSubrange(..<end.index)
            tidy(end.chunk)
            chunks.removeSubrange((first.chunk + 1)..<end.chunk)
            uppers.removeSubrange((first.chunk + 1)..<end.chunk)
        }
        tidy(first.chunk)
    }

    /// Removes a chunk that has become empty, cuts one that has become too large, and notes its largest id.
    private mutating func tidy(_ index: Int) {
        guard let last = chunks[index].last else {
            chunks.remove(at: index)
            uppers.remove(at: index)
            return
        }
        uppers[index] = last.upperBound
        guard chunks[index].count > Self.capacity else { return }
        let half = chunks[index].count / 2
        let tail = Array(chunks[index][half...])
        chunks[index].removeSubrange(half...)
        uppers[index] = chunks[index][half - 1].upperBound
        chunks.insert(tail, at: index + 1)
        uppers.insert(last.upperBound, at: index + 1)
    }
}

extension Array {
    /// Index of the first element for which `isBefore` is false, when it is true for all elements in front of it.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        withUnsafeBufferPointer { elements in
            var low = 0
            var size = elements.count
            // Halving without a branch in the loop body: the comparison becomes a conditional move.
            while size > 0 {
                let half = size &>> 1
                let moves = isBefore(elements[low &+ half])
                low = moves ? low &+ half &+ 1 : low
                size = moves ? size &- half &- 1 : half
            }
            return low
        }
    }
}
