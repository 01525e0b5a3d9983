/// A first-in first-out queue of work that reuses its storage.
struct WorkQueue {
    private var items: [Reactor.Work?] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }
    var count: Int { items.count - head }

    mutating func append(_ work: Reactor.Work) { items.append(work) }

    mutating func popFirst() -> Reactor.Work? {
        guard head < items.count else { return nil }
        defer {
            items[head] = nil
            head += 1
            if head == items.count {
                items.removeAll(keepingCapacity: head < 4096)
                head = 0
            } else if head >= 4096 {
                items.removeFirst(head)
                head = 0
            }
        }
        return items[head]
    }
}
