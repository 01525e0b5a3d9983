public import FluxJSON
public import RFC18Eventlog
import RFC21JobStates

extension JobRecord {
    /// Applies an entry of the journal or of the job's eventlog.
    ///
    /// - Parameters:
    ///   - entry: the next one.
    ///   - resources: R when it comes with the entry (`alloc`).
    /// - Returns: false when the context cannot be read; the record is as before.
    @discardableResult
    public mutating func apply(_ entry: Eventlog.Entry, resources: JSON? = nil) -> Bool {
        apply(name: entry.name, context: entry.context, at: entry.timestamp, resources: resources)
    }

    /// Applies an event.
    @discardableResult
    public mutating func apply(
        name: String, context: JSON.Object?, at time: Double, resources: JSON? = nil
    ) -> Bool {
        if self.resources == nil, let resources { self.resources = resources }
        let fields = context ?? [:]
        switch name {
        case "submit":
            guard let user = fields["userid"]?.intValue, let urgency = fields["urgency"]?.intValue else { return false }
            userID = user
            self.urgency = Int32(clamping: urgency)
            logVersion = fields["version"]?.intValue
            submitTime = time
        case "validate":
            guard !states.contains(.depend) else { return true }
            readJobspec()
            enter(.depend, time)
        case "depend":
            enter(.priority, time)
        case "priority":
            guard let value = fields["priority"]?.intValue else { return false }
            priority = value
            if state == .priority { enter(.sched, time) }
        case "urgency":
            guard let value = fields["urgency"]?.intValue, (0...31).contains(value) else { return false }
            urgency = Int32(value)
            goBack(time)
        case "jobspec-update":
            guard context != nil else { return false }
            update(jobspec: fields)
            goBack(time)
        case "resource-update":
            guard context != nil else { return false }
            update(resources: fields)
        case "flux-restart": goBack(time)
        case "alloc":
            guard !states.contains(.run) else { return true }
            for (key, value) in fields["annotations"]?.objectValue ?? [:] where annotations?[key] == nil {
                annotations = annotations ?? [:]
                annotations?[key] = value
            }
            readResources()
            enter(.run, time)
        case "finish":
            guard let status = fields["status"]?.intValue else { return false }
            waitStatus = status
            if status == 0, exception?.isFatal != true { isSuccessful = true }
            if !states.contains(.cleanup) { enter(.cleanup, time) }
        case "exception":
            return apply(exception: fields, time)
        case "clean":
            if !states.contains(.inactive) { enter(.inactive, time) }
        case "annotations":
            guard let value = fields["annotations"] else { return false }
            annotations = value.objectValue
        case "memo":
            guard context != nil else { return false }
            var all = annotations ?? [:]
            all.merge(["user": .object(fields)], removingNulls: true)
            annotations = all.isEmpty ? nil : all
        case "dependency-add":
            guard let text = fields["description"]?.stringValue else { return false }
            if pastDependencies.insert(text).inserted { dependencies = (dependencies ?? []) + [text] }
        case "dependency-remove":
            guard let text = fields["description"]?.stringValue else { return false }
            dependencies?.removeAll { $0 == text }
        default: break
        }
        return true
    }

    private mutating func apply(exception fields: JSON.Object, _ time: Double) -> Bool {
        guard let type = fields["type"]?.stringValue, let severity = fields["severity"]?.intValue,
            let note = fields["note"]?.stringValue
        else { return false }
        if severity < exception.map({ Int64($0.severity) }) ?? .max {
            exception = JobException(type: type, severity: Int32(clamping: severity), note: note)
        }
        if severity == 0, !states.contains(.cleanup) { enter(.cleanup, time) }
        return true
    }

    private mutating func enter(_ new: JobState, _ time: Double) {
        state = new
        states.insert(new.bit)
        switch new {
        case .new: break
        case .depend: dependTime = time
        case .priority: if priorityTime == 0 { priorityTime = time }
        case .sched: if schedTime == 0 { schedTime = time }
        case .run: runTime = time
        case .cleanup: cleanupTime = time
        case .inactive:
            inactiveTime = time
            jobspec = nil
            resources = nil
            pastDependencies = []
        }
    }

    /// Back to PRIORITY from SCHED.
    private mutating func goBack(_ time: Double) {
        guard state == .sched else { return }
        states.remove(.sched)
        enter(.priority, time)
    }
}
