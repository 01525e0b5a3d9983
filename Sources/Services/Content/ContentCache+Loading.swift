internal import Blob
internal import RFC10Content

extension ContentCache {
    mutating func load(_ hash: Blobref, for request: RequestID) -> [Directive] {
        if let slot = index[hash] {
            if let blob = slots[slot].blob {
                touch(slot)
                return [.answerBlob([request], blob, isEphemeral: slots[slot].isEphemeral)]
            }
            slots[slot].loadWaiters.append(request)
            return []
        }
        guard !settings.isLeader || hasBacking else {
            return [.refuse([request], errnum: ErrorNumber.noEntry, text: nil)]
        }
        let slot = makeSlot(hash)
        slots[slot].isLoading = true
        slots[slot].loadWaiters.append(request)
        return [.load(hash)]
    }

    mutating func loaded(_ hash: Blobref, _ blob: [UInt8], _ isEphemeral: Bool) -> [Directive] {
        guard let slot = index[hash] else { return [] }
        slots[slot].isLoading = false
        // A store may have filled the slot while the load was under way; its waiters have their answer.
        guard slots[slot].blob == nil else { return [] }
        fill(slot, blob)
        slots[slot].isEphemeral = isEphemeral
        pushRecent(slot)
        let waiters = slots[slot].loadWaiters
        slots[slot].loadWaiters = []
        let answers: [Directive] = waiters.isEmpty ? [] : [.answerBlob(waiters, blob, isEphemeral: isEphemeral)]
        return answers + keepBounds()
    }

    mutating func loadFailed(_ hash: Blobref, _ errnum: Int32, _ text: String?) -> [Directive] {
        guard let slot = index[hash] else { return [] }
        slots[slot].isLoading = false
        guard slots[slot].blob == nil else { return [] }
        let waiters = slots[slot].loadWaiters
        removeSlot(slot)
        // No backing store service at all means that the blob is nowhere.
        let isNowhere = settings.isLeader && errnum == ErrorNumber.noSystem
        return [.refuse(waiters, errnum: isNowhere ? ErrorNumber.noEntry : errnum, text: isNowhere ? nil : text)]
    }

    mutating func dropClean() -> [Directive] {
        while recent.last >= 0 { removeSlot(recent.last) }
        return []
    }

    /// What happens now and then: old blobs go, stores that failed are tried again.
    mutating func purge() -> [Directive] {
        while recent.last >= 0, size > settings.targetSize, now - slots[recent.last].lastUsed >= settings.minimumAge {
            removeSlot(recent.last)
        }
        guard lastFailure != 0, storingCount == 0, !settings.isLeader || hasBacking else { return [] }
        return startStores(upTo: settings.batchLimit)
    }

    /// Keeps memory bounded between two purges.
    mutating func keepBounds() -> [Directive] {
        // A little is always kept for its time, however small the target is.
        let limit = max(1 << 20, settings.targetSize.multipliedReportingOverflow(by: 2).partialValue)
        if weight > limit {
            while recent.last >= 0, recent.last != recent.first, weight > settings.targetSize { removeSlot(recent.last) }
        }
        return []
    }

    mutating func forget(_ request: RequestID) -> [Directive] {
        flushes.removeAll { $0.request == request }
        for slot in index.values where !slots[slot].loadWaiters.isEmpty || !slots[slot].storeWaiters.isEmpty {
            slots[slot].loadWaiters.removeAll { $0 == request }
            slots[slot].storeWaiters.removeAll { $0 == request }
        }
        return []
    }
}

/// The errnos of this machine's answers (Linux numbers).
enum ErrorNumber {
    static let noEntry: Int32 = 2
    static let io: Int32 = 5
    static let tooLarge: Int32 = 27
    static let noSystem: Int32 = 38
}
