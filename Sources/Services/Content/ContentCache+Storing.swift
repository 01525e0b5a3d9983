internal import Blob
internal import RFC10Content

extension ContentCache {
    mutating func store(_ blob: [UInt8], _ hash: Blobref, for request: RequestID?) -> [Directive] {
        let requests = request.map { [$0] } ?? []
        guard blob.count <= settings.blobLimit else {
            return [.refuse(requests, errnum: ErrorNumber.tooLarge, text: nil)]
        }
        // A blob of a mapped file may vanish with the file: a stored one takes its place.
        if let slot = index[hash], slots[slot].isEphemeral { removeSlot(slot) }
        var directives: [Directive] = []
        let slot = index[hash] ?? makeSlot(hash)
        if slots[slot].blob == nil {
            fill(slot, blob)
            let waiters = slots[slot].loadWaiters
            slots[slot].loadWaiters = []
            if !waiters.isEmpty { directives.append(.answerBlob(waiters, blob, isEphemeral: false)) }
        }
        // Also a blob that is here and clean is stored again, so that the backing store sees that it is in use.
        if !slots[slot].isDirty { makeDirty(slot) }
        if settings.isLeader {
            if let request { directives.append(.answerHash([request], hash)) }
            if hasBacking {
                if !isLazy {
                    directives += startStores(upTo: settings.batchLimit)
                } else if dirtySize > settings.targetSize / 2 || dirtyCount * Self.overhead > max(1 << 19, settings.targetSize / 2) {
                    directives += startStores(upTo: .max)
                }
            }
        } else {
            slots[slot].storeWaiters += requests
            directives += startStores(upTo: .max)
        }
        return directives + keepBounds()
    }

    private mutating func makeDirty(_ slot: Int) {
        unlink(slot)
        lastTurn += 1
        slots[slot].isDirty = true
        slots[slot].dirtyTurn = lastTurn
        dirtyCount += 1
        dirtySize += slots[slot].blob?.count ?? 0
        appendToQueue(slot)
    }

    private mutating func makeClean(_ slot: Int) {
        dirtyCount -= 1
        dirtySize -= slots[slot].blob?.count ?? 0
        slots[slot].isDirty = false
        pushRecent(slot)
    }

    /// Sends off what waits in the queue.
    mutating func startStores(upTo limit: Int) -> [Directive] {
        guard !settings.isLeader || hasBacking else { return [] }
        var directives: [Directive] = []
        while storingCount < limit, queue.first >= 0 {
            let slot = queue.first
            unlink(slot)
            slots[slot].isStoring = true
            storingCount += 1
            directives.append(.store(slots[slot].hash, slots[slot].blob ?? []))
        }
        return directives
    }

    mutating func stored(_ hash: Blobref) -> [Directive] {
        guard let slot = index[hash], slots[slot].isStoring else { return [] }
        slots[slot].isStoring = false
        storingCount -= 1
        lastFailure = 0
        let turn = slots[slot].dirtyTurn
        makeClean(slot)
        var directives: [Directive] = []
        let waiters = slots[slot].storeWaiters
        slots[slot].storeWaiters = []
        if !waiters.isEmpty { directives.append(.answerHash(waiters, hash)) }
        directives += finishFlushes(turn)
        if !isLazy || !flushes.isEmpty { directives += startStores(upTo: settings.batchLimit) }
        return directives + keepBounds()
    }

    mutating func storeFailed(_ hash: Blobref, _ errnum: Int32) -> [Directive] {
        guard let slot = index[hash], slots[slot].isStoring else { return [] }
        slots[slot].isStoring = false
        storingCount -= 1
        lastFailure = errnum
        var refused = slots[slot].storeWaiters
        slots[slot].storeWaiters = []
        if settings.isLeader {
            // It stays, dirty, for another try.
            appendToQueue(slot)
        } else {
            makeClean(slot)
            removeSlot(slot)
        }
        refused += flushes.map(\.request)
        flushes = []
        return refused.isEmpty ? [] : [.refuse(refused, errnum: errnum, text: nil)]
    }

    /// Forgets a blob that came with a wrong digest.
    mutating func storedOther(_ hash: Blobref) -> [Directive] {
        guard let slot = index[hash], slots[slot].isStoring else { return [] }
        slots[slot].isStoring = false
        storingCount -= 1
        let refused = slots[slot].storeWaiters + flushes.map(\.request)
        slots[slot].storeWaiters = []
        flushes = []
        makeClean(slot)
        removeSlot(slot)
        return refused.isEmpty ? [] : [.refuse(refused, errnum: ErrorNumber.io, text: nil)]
    }

    mutating func flush(for request: RequestID) -> [Directive] {
        guard !settings.isLeader || hasBacking else {
            return [.refuse([request], errnum: ErrorNumber.noSystem, text: nil)]
        }
        guard dirtyCount > 0 else { return [.answerEmpty([request])] }
        flushes.append(Flush(request: request, turn: lastTurn, remaining: dirtyCount))
        return startStores(upTo: settings.batchLimit)
    }

    private mutating func finishFlushes(_ turn: UInt64) -> [Directive] {
        guard !flushes.isEmpty else { return [] }
        var finished: [RequestID] = []
        for position in flushes.indices where turn <= flushes[position].turn {
            flushes[position].remaining -= 1
            if flushes[position].remaining == 0 { finished.append(flushes[position].request) }
        }
        guard !finished.isEmpty else { return [] }
        flushes.removeAll { $0.remaining == 0 }
        return [.answerEmpty(finished)]
    }

    mutating func registered(_ asksBack: Bool) -> [Directive] {
        hasBacking = true
        isLazy = settings.isLazy && asksBack
        lastFailure = 0
        return isLazy ? [] : startStores(upTo: settings.batchLimit)
    }

    mutating func unregistered() -> [Directive] {
        hasBacking = false
        let refused = flushes.map(\.request)
        flushes = []
        return refused.isEmpty ? [] : [.refuse(refused, errnum: ErrorNumber.noSystem, text: nil)]
    }
}
