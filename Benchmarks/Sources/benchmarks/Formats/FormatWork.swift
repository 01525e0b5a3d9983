/// One piece of work on a format, ours and, when there is a library for it, the reference's.
struct FormatWork {
    let name: String
    let ours: () -> Void
    let reference: (() -> Void)?

    /// Work that no installed library of the reference does.
    init(_ name: String, ours: @escaping () -> Void) {
        self.name = name
        self.ours = ours
        reference = nil
    }

    /// Work that the reference does with a function of its library, if that is there.
    init<Function>(
        _ name: String, _ function: Function?, ours: @escaping () -> Void, reference: @escaping (Function) -> Void
    ) {
        self.name = name
        self.ours = ours
        self.reference = function.map { function in { reference(function) } }
    }

    static func all(_ library: ReferenceLibrary?) -> [FormatWork] {
        idsets(library) + hostlists(library) + taskmaps(library) + jobspecs(library) + messages(library)
            + jobIDs(library) + eventlogs() + resourceSets()
    }

    /// Runs every piece, both sides in turn, and prints a line each.
    static func run(_ library: ReferenceLibrary?, rounds: Int, matching filter: String?) {
        Report.heading(
            "Formats: shortest time of \(rounds) rounds, and calls of the allocator",
            ["", "ours", "allocations", "reference", "allocations", "ratio"])
        for work in all(library) where filter.map({ work.name.contains($0) }) ?? true {
            var ours = Cost(), reference = Cost()
            for _ in 0..<rounds {
                ours.measure(work.ours)
                if let other = work.reference { reference.measure(other) }
            }
            let compared = work.reference != nil
            Report.line([
                work.name, Report.time(ours.seconds), "\(ours.allocations)",
                compared ? Report.time(reference.seconds) : "-", compared ? "\(reference.allocations)" : "-",
                compared ? Report.ratio(ours.seconds, reference.seconds) : "-",
            ])
        }
    }
}
