internal import FluxJSON

/// Makes JSON values of events: resolves aliases and merge keys, types scalars, keeps the limits.
struct Composer: ~Copyable {
    /// A value with the number of values in it, itself included.
    private struct Node {
        let json: JSON
        let count: Int
    }

    private var events: EventSource
    private var anchors: [String: Node?] = [:]
    private var depth = 0
    private var aliased = 0

    init(events: consuming EventSource) { self.events = events }

    /// The only document of the stream; null when there is none.
    mutating func document() throws(YAML.ParseError) -> JSON {
        guard case .documentStart = try events.next().kind else { return .null }
        let node = try node(try events.next())
        _ = try events.next()
        let last = try events.next()
        guard case .streamEnd = last.kind else { throw last.place.error(.severalDocuments) }
        return node.json
    }

    private mutating func node(_ event: Event) throws(YAML.ParseError) -> Node {
        switch event.kind {
        case .scalar(let scalar):
            try reserve(scalar.anchor, event.place)
            let node = Node(json: try json(of: scalar, event.place), count: 1)
            define(scalar.anchor, node)
            return node
        case .alias(let name):
            guard case .some(.some(let node)) = anchors[name] else { throw event.place.error(.undefinedAlias(name)) }
            aliased += node.count
            guard aliased <= YAML.aliasLimit else { throw event.place.error(.tooManyAliases(limit: YAML.aliasLimit)) }
            return node
        case .sequenceStart(let anchor, let tag):
            return try collection(anchor, event.place) { (composer) throws(YAML.ParseError) in
                try composer.sequence(tag: tag, event.place)
            }
        case .mappingStart(let anchor, let tag):
            return try collection(anchor, event.place) { (composer) throws(YAML.ParseError) in
                try composer.mapping(tag: tag, event.place)
            }
        case .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw event.place.error(.syntax("expected a value"))
        }
    }

    private mutating func collection(
        _ anchor: String?, _ place: Event.Place, _ body: (inout Composer) throws(YAML.ParseError) -> Node
    ) throws(YAML.ParseError) -> Node {
        try reserve(anchor, place)
        depth += 1
        guard depth <= YAML.depthLimit else { throw place.error(.tooDeep(limit: YAML.depthLimit)) }
        let node = try body(&self)
        depth -= 1
        define(anchor, node)
        return node
    }

    /// Notes that a value with this anchor begins: until it is complete an alias to it is an error.
    private mutating func reserve(_ anchor: String?, _ place: Event.Place) throws(YAML.ParseError) {
        guard let anchor else { return }
        guard anchors[anchor] == nil else { throw place.error(.duplicateAnchor(anchor)) }
        anchors[anchor] = .some(nil)
    }

    private mutating func define(_ anchor: String?, _ node: Node) {
        if let anchor { anchors[anchor] = .some(node) }
    }

    // MARK: Sequences

    private mutating func sequence(tag: String?, _ place: Event.Place) throws(YAML.ParseError) -> Node {
        let kind = try CollectionTag(tag, place)
        guard kind != .mapping else { throw place.error(.wrongCollection(tag: tag ?? "")) }
        var elements: [JSON] = []
        var count = 1
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return Node(json: .array(elements), count: count) }
            let node = try node(event)
            elements.append(kind == .pairs ? try pair(node.json, event.place) : node.json)
            count += node.count
        }
    }

    /// `[key, value]` of the mapping of one member that an element of `!!omap` and `!!pairs` is.
    private func pair(_ json: JSON, _ place: Event.Place) throws(YAML.ParseError) -> JSON {
        guard let object = json.objectValue, object.count == 1, let member = object.first(where: { _ in true }) else {
            throw place.error(.wrongCollection(tag: "!!pairs"))
        }
        return .array([.string(member.key), member.value])
    }

    // MARK: Mappings

    private mutating func mapping(tag: String?, _ place: Event.Place) throws(YAML.ParseError) -> Node {
        guard case .mapping = try CollectionTag(tag, place, default: .mapping) else {
            throw place.error(.wrongCollection(tag: tag ?? ""))
        }
        var merged = JSON.Object(), own = JSON.Object()
        var count = 1
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind {
                for (key, value) in own { merged[key] = value }
                return Node(json: .object(merged), count: count)
            }
            if case .scalar(let scalar) = event.kind, isMergeKey(scalar) {
                let valueEvent = try events.next()
                let node = try node(valueEvent)
                try merge(node.json, into: &merged, valueEvent.place)
                count += node.count
            } else {
                let key = try key(event)
                let node = try node(try events.next())
                own[key] = node.json
                count += node.count
            }
        }
    }

    private func isMergeKey(_ scalar: Event.Scalar) -> Bool {
        scalar.isImplicit ? scalar.value == "<<" : scalar.tag == "tag:yaml.org,2002:merge"
    }

    /// Adds the members of one mapping or several, of which earlier ones win.
    private func merge(_ json: JSON, into merged: inout JSON.Object, _ place: Event.Place) throws(YAML.ParseError) {
        switch json {
        case .object(let object):
            for (key, value) in object { merged[key] = value }
        case .array(let array):
            for element in array.reversed() {
                guard let object = element.objectValue else { throw place.error(.invalidMerge) }
                for (key, value) in object { merged[key] = value }
            }
        default: throw place.error(.invalidMerge)
        }
    }

    private mutating func key(_ event: Event) throws(YAML.ParseError) -> String {
        if case .scalar(let scalar) = event.kind, scalar.isImplicit, scalar.value == "=" { return "=" }
        let node = try node(event)
        switch node.json {
        case .string(let text): return text
        case .real(let value): return value.description
        case .array, .object: throw event.place.error(.keyIsCollection)
        default: return node.json.text
        }
    }
}
