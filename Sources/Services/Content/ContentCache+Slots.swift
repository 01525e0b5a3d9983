internal import Blob
internal import RFC10Content

extension ContentCache {
    /// One blob, or the wish for one.
    struct Slot: Sendable {
        let hash: Blobref
        /// nil while it is being loaded.
        var blob: [UInt8]?
        var isDirty = false
        var isStoring = false
        var isLoading = false
        /// Comes from a mapped file and may change: not in the backing store.
        var isEphemeral = false
        /// When it became dirty, in the count of all blobs that did.
        var dirtyTurn: UInt64 = 0
        var lastUsed = 0.0
        var loadWaiters: [RequestID] = []
        var storeWaiters: [RequestID] = []
        var previous = -1
        var next = -1
        var list = Membership.none
    }

    enum Membership: Sendable { case none, recent, queue }

    /// Ends of a list that is linked through the slots.
    struct SlotList: Sendable {
        var first = -1
        var last = -1
        var isEmpty: Bool { first < 0 }
    }

    mutating func makeSlot(_ hash: Blobref) -> Int {
        let slot: Int
        if let free = freeSlots.popLast() {
            slots[free] = Slot(hash: hash)
            slot = free
        } else {
            slot = slots.count
            slots.append(Slot(hash: hash))
        }
        index[hash] = slot
        return slot
    }

    mutating func removeSlot(_ slot: Int) {
        unlink(slot)
        if let blob = slots[slot].blob {
            size -= blob.count
            validCount -= 1
        }
        index[slots[slot].hash] = nil
        slots[slot].blob = nil
        freeSlots.append(slot)
    }

    mutating func fill(_ slot: Int, _ blob: [UInt8]) {
        slots[slot].blob = blob
        size += blob.count
        validCount += 1
    }

    mutating func touch(_ slot: Int) {
        slots[slot].lastUsed = now
        guard slots[slot].list == .recent, recent.first != slot else { return }
        unlink(slot)
        pushRecent(slot)
    }

    mutating func pushRecent(_ slot: Int) {
        slots[slot].list = .recent
        slots[slot].lastUsed = now
        slots[slot].previous = -1
        slots[slot].next = recent.first
        if recent.first >= 0 { slots[recent.first].previous = slot } else { recent.last = slot }
        recent.first = slot
    }

    mutating func appendToQueue(_ slot: Int) {
        slots[slot].list = .queue
        slots[slot].next = -1
        slots[slot].previous = queue.last
        if queue.last >= 0 { slots[queue.last].next = slot } else { queue.first = slot }
        queue.last = slot
    }

    mutating func unlink(_ slot: Int) {
        let (previous, next) = (slots[slot].previous, slots[slot].next)
        switch slots[slot].list {
        case .none: return
        case .recent:
            if previous < 0 { recent.first = next }
            if next < 0 { recent.last = previous }
        case .queue:
            if previous < 0 { queue.first = next }
            if next < 0 { queue.last = previous }
        }
        if previous >= 0 { slots[previous].next = next }
        if next >= 0 { slots[next].previous = previous }
        slots[slot].list = .none
        slots[slot].previous = -1
        slots[slot].next = -1
    }
}
