/// What the built-in rc3 does on a broker, in order.
package struct RC3Plan: Hashable, Sendable {
    package enum Step: Hashable, Sendable, CustomStringConvertible {
        /// Programs of the administrator, while everything is still there.
        case runExtraPrograms
        /// The orderly end is noted in the log of starts.
        case noteFinish
        /// Everything goes to the backing store, and to an archive if one was asked for.
        case saveContent
        /// A module is removed.
        case remove(String)

        /// What the step is called in the log.
        package var description: String {
            switch self {
            case .runExtraPrograms: "programs in rc3.d"
            case .noteFinish: "noting the end"
            case .saveContent: "saving content"
            case .remove(let module): module
            }
        }
    }

    package let steps: [Step]

    /// - Parameters:
    ///   - modules: what is loaded, in the order of loading: it is removed in the opposite order.
    ///   - backing: the module that stores content.
    package init(rank: UInt32, modules: [String], backing: String?) {
        var steps: [Step] = [.runExtraPrograms]
        let keepsContent = rank == 0 && backing.map { modules.contains($0) } ?? false
        if keepsContent, modules.contains("kvs") { steps.append(.noteFinish) }
        for module in modules.reversed() {
            if keepsContent, module == backing { steps.append(.saveContent) }
            steps.append(.remove(module))
        }
        self.steps = steps
    }
}
