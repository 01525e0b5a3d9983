public import FluxJSON

extension JobMachine {
    /// Applies an event as it stands in a log.
    ///
    /// An event that means nothing in the current state is skipped without looking at its context.
    ///
    /// - Parameters:
    ///   - name: the name of the entry.
    ///   - context: nil when the entry has none.
    ///   - timestamp: seconds since 1970-01-01 UTC.
    public mutating func apply(
        name: String, context: JSON.Object?, at timestamp: Double
    ) throws(EventError) {
        guard isMeaningful(name) else { return }
        let event: JobEvent
        do {
            event = try JobEvent(name: name, context: context)
        } catch {
            throw EventError(event: name, reason: .context(error))
        }
        try apply(event, at: timestamp)
    }

    private func isMeaningful(_ name: String) -> Bool {
        switch name {
        case "priority": state == .priority || state == .sched
        case "exception": state != .new && state != .inactive
        case _ where name.hasPrefix("dependency-"): state == .new || state == .depend
        case _ where name.hasPrefix("prolog-"): !outstanding.isStartPending
        case _ where name.hasPrefix("epilog-"): state == .cleanup
        default: true
        }
    }

    /// Applies an event.
    public mutating func apply(_ event: JobEvent, at timestamp: Double) throws(EventError) {
        guard isMeaningful(event.name) else { return }
        func refuse(_ text: String) -> EventError { EventError(event: event.name, reason: .refused(text)) }
        switch event {
        case .submit(let userID, let urgency, let flags):
            guard state == .new else { throw refuse("job is submitted already") }
            submitTime = timestamp
            (self.userID, self.urgency, self.flags) = (userID, urgency, flags)
        case .invalidate: isInvalid = true
        case .validate: state = .depend
        case .setFlags(let names): try set(names)
        case .jobspecUpdate(let updates):
            jobspec = try updated(by: updates)
            reprioritize()
        case .resourceUpdate(let expiration):
            guard var resources else { throw refuse("no R to update") }
            do { try resources.set(expiration, at: "execution.expiration") } catch { throw refuse(error.description) }
            self.resources = resources
        case .dependencyAdd(let text):
            if pastDependencies.insert(text).inserted { dependencies.append(text) }
        case .dependencyRemove(let text):
            guard let index = dependencies.firstIndex(of: text) else {
                throw EventError(event: event.name, reason: .noSuchDependency)
            }
            dependencies.remove(at: index)
        case .depend: if state == .depend { state = .priority }
        case .priority(let value):
            priority = value
            if state == .priority { state = .sched }
        case .urgency(let value, _):
            urgency = value
            reprioritize()
        case .fluxRestart: reprioritize()
        case .memo(let fields): annotations.merge(["user": .object(fields)], removingNulls: true)
        case .alloc:
            holdsResources = true
            if state == .sched { state = .run }
        case .prologStart, .epilogStart:
            guard activePerilogs < 255 else { throw EventError(event: event.name, reason: .overflow) }
            activePerilogs += 1
        case .prologFinish, .epilogFinish: activePerilogs = max(0, activePerilogs - 1)
        case .start: hasStarted = true
        case .finish(let status):
            if state == .run { end(.finish(status: status ?? -1)) }
        case .exception(let exception):
            if exception.isFatal {
                if exception.type == "scheduler-restart" { holdsResources = false }
                end(.exception(exception))
            }
        case .free: holdsResources = false
        case .release: break
        case .clean:
            if state == .cleanup {
                state = .inactive
                cleanTime = timestamp
            }
        case .other(let name, _): try checkUnknown(name)
        }
    }

    /// Back to PRIORITY, so that plug-ins and scheduler see the change.
    private mutating func reprioritize() {
        if state == .sched { state = .priority }
    }

    private mutating func end(_ event: EndEvent) {
        if endEvent == nil { endEvent = event }
        state = .cleanup
    }

    private mutating func set(_ names: [String]) throws(EventError) {
        for name in names {
            switch name {
            case "alloc-bypass": bypassesAllocation = true
            case "debug": flags.insert(.debug)
            case "immutable": isImmutable = true
            default:
                let error = PayloadError(path: "flags", expected: "flag name", found: name)
                throw EventError(event: "set-flags", reason: .context(error))
            }
        }
    }

    /// Names that belong to a family with two members only.
    private func checkUnknown(_ name: String) throws(EventError) {
        if name.hasPrefix("dependency-") { throw EventError(event: name, reason: .refused("unknown event")) }
        if name.hasPrefix("prolog-") || name.hasPrefix("epilog-") {
            let error = PayloadError(path: "", expected: "start or finish", found: name)
            throw EventError(event: name, reason: .context(error))
        }
    }

    /// The jobspec after a change, which this machine does not make.
    ///
    /// - Parameter updates: values by dotted path, `attributes.system.duration`.
    public func updated(by updates: JSON.Object) throws(EventError) -> JSON {
        func refuse(_ text: String) -> EventError { EventError(event: "jobspec-update", reason: .refused(text)) }
        guard var jobspec else { throw refuse("no jobspec to update") }
        for (path, value) in updates {
            do { try jobspec.set(value, at: path) } catch { throw refuse(error.description) }
        }
        if let queue = jobspec.value(at: "attributes.system.queue"), queue.stringValue == nil {
            throw refuse("attributes.system.queue: expected string, found \(queue.typeName)")
        }
        return jobspec
    }

    /// Whether every path of an update lies in a part of the jobspec that may change.
    public static func mayUpdate(_ updates: JSON.Object) -> Bool {
        updates.allSatisfy { path, _ in
            ["attributes", "resources", "tasks"].contains { path == $0 || path.hasPrefix($0 + ".") }
        }
    }
}
