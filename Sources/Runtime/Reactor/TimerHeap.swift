/// Names a timer until it fired for the last time or was cancelled.
public struct TimerID: Hashable, Sendable {
    let number: UInt64
}

/// Deadlines in order, the earliest first; timers of one instant in the order they were made.
struct TimerHeap {
    struct Timer {
        let period: Int64?
        let body: () -> Void
    }

    private struct Entry {
        let deadline: Int64
        let number: UInt64

        func precedes(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var timers: [UInt64: Timer] = [:]
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { timers.isEmpty }

    /// When the next timer is due, in nanoseconds of the reactor's clock.
    var nextDeadline: Int64? {
        mutating get {
            while let first = heap.first {
                if timers[first.number] != nil { return first.deadline }
                removeFirst()
            }
            return nil
        }
    }

    mutating func add(deadline: Int64, period: Int64?, _ body: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        timers[lastNumber] = Timer(period: period, body: body)
        push(Entry(deadline: deadline, number: lastNumber))
        return TimerID(number: lastNumber)
    }

    mutating func cancel(_ id: TimerID) { timers[id.number] = nil }

    /// Takes out the next timer due at `now`; one with a period is put back at its next deadline.
    mutating func popDue(at now: Int64) -> (() -> Void)? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            guard let timer = timers[first.number] else { continue }
            if let period = timer.period {
                push(Entry(deadline: max(first.deadline + period, now + 1), number: first.number))
            } else {
                timers[first.number] = nil
            }
            return timer.body
        }
        return nil
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
