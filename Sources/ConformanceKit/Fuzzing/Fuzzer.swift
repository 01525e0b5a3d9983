import FluxJSON

/// Feeds every reader, and every operation of the vectors, with changed vectors.
///
/// A reader that traps or hangs takes the process with it; `lastInput` is told each input beforehand so that it can
/// be found afterwards.
public struct Fuzzer: Sendable {
    /// An input after which a reader contradicted itself.
    public struct Finding: Sendable, CustomStringConvertible {
        /// Name of the reader.
        public let target: String
        /// The input.
        public let input: [UInt8]
        /// What was wrong.
        public let complaint: String

        public var description: String {
            let start = input.prefix(400)
            return "\(target): \(complaint)\n  input: \(String(decoding: start, as: UTF8.self))\n  hex: \(hex(start))"
        }
    }

    private let vectors: [Vector]
    private let seeds: [String: [[UInt8]]]
    private var mutator: Mutator
    private let lastInput: @Sendable (String, [UInt8]) -> Void

    /// - Parameters:
    ///   - files: vectors to start from.
    ///   - seed: the same seed gives the same inputs.
    ///   - lastInput: told the name of the reader and the input before it is read.
    public init(
        _ files: [VectorFile], seed: UInt64, lastInput: @escaping @Sendable (String, [UInt8]) -> Void = { _, _ in }
    ) {
        vectors = files.flatMap(\.cases)
        seeds = Dictionary(grouping: files, by: \.folder).mapValues { Seeds.collect($0) }
        mutator = Mutator(random: SplitMix(seed: seed))
        self.lastInput = lastInput
    }

    /// Feeds one reader with changed seeds of its folders.
    public mutating func run(_ target: FuzzTarget, count: Int) -> [Finding] {
        let own = target.folders.flatMap { seeds[$0] ?? [] }
        guard !own.isEmpty else { return [] }
        var findings: [Finding] = []
        for _ in 0..<count {
            let seed = own.randomElement(using: &mutator.random) ?? []
            let other = own.randomElement(using: &mutator.random) ?? []
            let input = mutator.mutate(seed, other: other)
            lastInput(target.name, input)
            if let complaint = target.run(input[...]) {
                findings.append(Finding(target: target.name, input: input, complaint: complaint))
                if findings.count == 5 { break }
            }
        }
        return findings
    }

    /// Runs cases with a changed input; whatever they answer is right, as long as they answer.
    public mutating func runOperations(count: Int) {
        let modules = OwnModules()
        for _ in 0..<count {
            guard let vector = vectors.randomElement(using: &mutator.random),
                let input = mutator.mutate(.object(vector.input)).objectValue
            else { continue }
            let changed = Vector(vector, input: input)
            lastInput("\(vector.folder) \(vector.op)", JSON.object(input).bytes)
            _ = modules.answer(changed)
        }
    }
}

extension Vector {
    /// The same case with another input.
    fileprivate init(_ vector: Vector, input: JSON.Object) {
        folder = vector.folder
        file = vector.file
        rfc = vector.rfc
        id = vector.id
        op = vector.op
        self.input = input
        expectation = vector.expectation
        source = vector.source
    }
}
