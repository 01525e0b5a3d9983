/// A tree of labels as a terminal shows it, equal leaves in one line.
///
/// ```
/// .
/// ├── flux
/// │   └── 2*[sleep]
/// └── true
/// ```
public struct TextTree: Hashable, Sendable {
    /// How nodes are connected.
    public enum Style: Hashable, Sendable {
        case box, ascii, compact

        var connectors: (pipe: String, tee: String, elbow: String, blank: String) {
            switch self {
            case .box: ("│   ", "├── ", "└── ", "    ")
            case .ascii: ("|   ", "|-- ", "`-- ", "    ")
            case .compact: ("│ ", "├─", "└─", "  ")
            }
        }
    }

    public let label: String
    /// What stands in front of the connectors, in a column of its own.
    public let prefix: String
    public private(set) var children: [TextTree] = []
    private var copies = 1

    public init(_ label: String, prefix: String = "") {
        self.label = label
        self.prefix = prefix.isEmpty ? "" : "\(prefix) "
    }

    /// Adds a child.
    ///
    /// - Parameter combines: whether a leaf that looks like another is only counted.
    public mutating func append(_ child: TextTree, combines: Bool) {
        if combines, child.children.isEmpty,
            let index = children.firstIndex(where: {
                $0.children.isEmpty && $0.label == child.label && $0.prefix == child.prefix
            })
        {
            children[index].copies += 1
        } else {
            children.append(child)
        }
    }

    /// The lines of the tree.
    ///
    /// - Parameters:
    ///   - skipsRoot: whether each child of the root is a tree of its own.
    ///   - width: where lines are cut; nil for nowhere.
    public func lines(_ style: Style, skipsRoot: Bool = false, width: Int? = nil) -> [String] {
        var lines: [String] = []
        if skipsRoot {
            for child in children { child.add(to: &lines, style, stem: "", connector: "") }
        } else {
            add(to: &lines, style, stem: "", connector: "")
        }
        guard let width, width > 0 else { return lines }
        return lines.map { $0.count > width ? "\($0.prefix(width - 1))+" : $0 }
    }

    private func add(to lines: inout [String], _ style: Style, stem: String, connector: String) {
        let text = copies > 1 ? "\(copies)*[\(label)]" : label
        lines.append("\(prefix)\(stem)\(connector)\(text)")
        let connectors = style.connectors
        // The stem of the children continues this node's own line unless it was the last of its parent.
        let inner =
            switch connector {
            case "": stem
            case connectors.elbow: stem + connectors.blank
            default: stem + connectors.pipe
            }
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            child.add(to: &lines, style, stem: inner, connector: isLast ? connectors.elbow : connectors.tee)
        }
    }
}
