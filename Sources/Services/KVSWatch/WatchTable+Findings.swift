internal import FluxJSON

extension WatchTable {
    /// Takes a finding and handles all that are complete, in the order of the commits.
    mutating func found(_ id: ID, _ turn: Int, _ finding: Finding, _ directives: inout [Directive]) {
        guard let place = watchers[id]?.lookUps.firstIndex(where: { $0.turn == turn }) else { return }
        watchers[id]?.lookUps[place].value = finding
        while let first = watchers[id]?.lookUps.first, let finding = first.value {
            watchers[id]?.lookUps.removeFirst()
            handle(id, finding, isFirst: first.isFirst, &directives)
            finishIfDone(id, &directives)
        }
    }

    private mutating func handle(_ id: ID, _ finding: Finding, isFirst: Bool, _ directives: inout [Directive]) {
        guard let watcher = watchers[id] else { return }
        switch finding {
        case .failed(let errnum, let text):
            end(id, errnum, text, &directives)
        case .absent(let sequence):
            guard watcher.flags.contains(.waitCreate), !watcher.hasAnswered, watcher.blobCount == nil else {
                end(id, ErrorNumber.noEntry, nil, &directives)
                return
            }
            watchers[id]?.firstSequence = max(watcher.firstSequence, sequence)
            if isFirst { sendSentinel(id, &directives) }
        case .value(let value, let sequence):
            // Updates that came before the answer to the first question are in that answer.
            guard isFirst || sequence > watcher.firstSequence else { return }
            if isFirst { watchers[id]?.firstSequence = sequence }
            if !watcher.flags.isDisjoint(with: [.append, .stream]) {
                handlePieces(id, value, isFirst: isFirst, &directives)
            } else {
                handleWhole(id, value, isFirst: isFirst, &directives)
            }
        }
    }

    private mutating func handleWhole(_ id: ID, _ value: JSON, isFirst: Bool, _ directives: inout [Directive]) {
        guard let watcher = watchers[id] else { return }
        if !watcher.flags.isDisjoint(with: [.full, .unique]) {
            if watcher.hasAnswered, watcher.previous == value { return }
            watchers[id]?.previous = value
        }
        directives.append(.answer(id, ["val": value]))
        watchers[id]?.hasAnswered = true
        if isFirst { sendSentinel(id, &directives) }
    }

    /// For those who want each blob of a value as an answer of its own.
    private mutating func handlePieces(_ id: ID, _ value: JSON, isFirst: Bool, _ directives: inout [Directive]) {
        guard let watcher = watchers[id] else { return }
        let type = value["type"]?.stringValue ?? "object"
        let isAppend = watcher.flags.contains(.append)
        switch (type, watcher.blobCount) {
        case ("val", nil):
            // Nothing has been appended yet: the value is the first piece.
            watchers[id]?.blobCount = 1
            watchers[id]?.sentBlobs = 1
            directives.append(.answer(id, ["val": value]))
            watchers[id]?.hasAnswered = true
            if isFirst { sendSentinel(id, &directives) }
        case ("valref", let known):
            guard isAppend || known == nil else { return }
            let references = value["data"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let start = known ?? 0
            guard references.count >= start else {
                let word = watcher.hasAnswered ? "shortened" : "truncated"
                end(id, ErrorNumber.invalid, "key watched with WATCH_APPEND \(word)", &directives)
                return
            }
            watchers[id]?.blobCount = references.count
            for index in start..<references.count {
                let turn = (watchers[id]?.lastTurn ?? 0) + 1
                watchers[id]?.lastTurn = turn
                watchers[id]?.loads.append(
                    Pending(turn: turn, isLastOfFirst: isFirst && index == references.count - 1))
                directives.append(.load(id, turn: turn, reference: references[index]))
            }
        case (_, nil):
            let errnum = type == "dir" || type == "dirref" ? ErrorNumber.isDirectory : ErrorNumber.invalid
            let text = isAppend ? "\(type) cannot be watched with WATCH_APPEND" : "\(type) cannot be streamed"
            end(id, errnum, text, &directives)
        default:
            // Whoever streams wants the value as it was.
            guard isAppend else { return }
            end(id, ErrorNumber.invalid, "value of key watched with WATCH_APPEND overwritten", &directives)
        }
    }

    /// Takes a blob and sends all that are complete, in order.
    mutating func loaded(_ id: ID, _ turn: Int, _ result: LoadResult, _ directives: inout [Directive]) {
        guard let place = watchers[id]?.loads.firstIndex(where: { $0.turn == turn }) else { return }
        watchers[id]?.loads[place].value = result
        while let first = watchers[id]?.loads.first, let result = first.value {
            watchers[id]?.loads.removeFirst()
            switch result {
            case .failure(let errnum): end(id, errnum, "failed to load content data", &directives)
            case .success(let bytes):
                directives.append(.answer(id, ["val": ["data": .string(Base64.encode(bytes)), "type": "val", "ver": 1]]))
                watchers[id]?.sentBlobs += 1
                watchers[id]?.hasAnswered = true
                if first.isLastOfFirst { sendSentinel(id, &directives) }
            }
        }
        finishIfDone(id, &directives)
    }

    private mutating func sendSentinel(_ id: ID, _ directives: inout [Directive]) {
        guard let watcher = watchers[id], watcher.flags.contains(.initialSentinel), !watcher.hasSentSentinel else {
            return
        }
        watchers[id]?.hasSentSentinel = true
        directives.append(.answerSentinel(id))
    }

    private mutating func finishIfDone(_ id: ID, _ directives: inout [Directive]) {
        guard let watcher = watchers[id], watcher.hasAnswered else { return }
        if watcher.flags.contains(.stream), watcher.sentBlobs == watcher.blobCount {
            end(id, ErrorNumber.noData, nil, &directives)
        } else if watcher.isOneShot {
            directives.append(.drop(id))
            remove(id, &directives)
        }
    }
}
