public import FluxJSON

extension Taskmap: Payload, Codable {
    /// Reads an array of blocks, or an object with `version` 1 and the array as `map`.
    ///
    /// Further members of the object and of blocks are ignored.
    public init(json: JSON) throws(PayloadError) {
        guard let object = json.objectValue else {
            guard let array = json.arrayValue else {
                throw PayloadError(path: "", expected: "object or array", found: json)
            }
            try self.init(array, path: "")
            return
        }
        let version = try object.int("version")
        guard version == 1 else { throw PayloadError(path: "version", expected: "1", found: "\(version)") }
        try self.init(object.array("map"), path: "map")
    }

    /// The array of blocks.
    public var json: JSON {
        .array(
            blocks.map { block in
                .array([block.node, block.nodeCount, block.tasksPerNode, block.repeatCount].map { .int(Int64($0)) })
            })
    }

    /// The object with `version` and `map`.
    public var wrappedJSON: JSON { ["version": 1, "map": json] }

    private init(_ array: [JSON], path: String) throws(PayloadError) {
        self.init()
        for (index, element) in array.enumerated() {
            let place = "\(path)[\(index)]"
            guard let numbers = element.arrayValue, numbers.count >= 4 else {
                throw PayloadError(path: place, expected: "array of four integers", found: element)
            }
            var values: [Int] = []
            for (position, number) in numbers.prefix(4).enumerated() {
                guard let value = number.intValue else {
                    throw PayloadError(path: "\(place)[\(position)]", expected: "integer", found: number)
                }
                values.append(Int(value))
            }
            guard
                let block = Block(
                    node: values[0], nodeCount: values[1], tasksPerNode: values[2], repeatCount: values[3])
            else { throw PayloadError(path: place, expected: "valid block", found: element.text) }
            do throws(BlockError) { try append(block) } catch {
                throw PayloadError(path: place, expected: "block that fits", found: "too many tasks")
            }
        }
    }
}
