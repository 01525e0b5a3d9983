import RFC22Idset
import Testing

/// Numbers that look random and are the same in every run.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite("RFC 22 idset")
struct IdsetTests {
    @Test("behaves as Set does", arguments: 1...40)
    func setAlgebra(seed: UInt64) {
        var dice = Dice(seed)
        let limit = UInt32([8, 60, 300].randomElement(using: &dice) ?? 8)
        var sets = [Idset(), Idset()]
        var models: [Set<UInt32>] = [[], []]
        for _ in 0..<60 {
            let which = Int.random(in: 0...1, using: &dice)
            let low = UInt32.random(in: 0..<limit, using: &dice)
            let range = low...(low + UInt32.random(in: 0...6, using: &dice))
            if Bool.random(using: &dice) {
                sets[which].insert(range)
                models[which].formUnion(range)
            } else {
                sets[which].remove(range)
                models[which].subtract(range)
            }
        }
        let (a, b, x, y) = (sets[0], sets[1], models[0], models[1])
        #expect(Array(a) == x.sorted())
        #expect(Array(a.union(b)) == x.union(y).sorted())
        #expect(Array(a.intersection(b)) == x.intersection(y).sorted())
        #expect(Array(a.subtracting(b)) == x.subtracting(y).sorted())
        #expect(Array(a.symmetricDifference(b)) == x.symmetricDifference(y).sorted())
        #expect(a.isDisjoint(with: b) == x.isDisjoint(with: y))
        #expect(a.isSubset(of: b) == x.isSubset(of: y) && a.isSubset(of: a.union(b)))
        #expect(a.count == x.count && a.contains(3) == x.contains(3))
        #expect(Idset(x) == a && Idset(a.description) == a && Idset(a.formatted(.list.bracketed)) == a)
    }

    @Test("walks forwards and backwards")
    func collection() throws {
        let set = try Idset(parsing: "1-3,7,9-10")
        #expect(Array(set.reversed()) == [10, 9, 7, 3, 2, 1])
        #expect(set.index(set.startIndex, offsetBy: 3) == set.firstIndex(of: 7))
        #expect(set.distance(from: set.startIndex, to: set.endIndex) == 6)
        #expect(set.next(after: 3) == 7 && set.next(after: 10) == nil && set.previous(before: 9) == 7)
        #expect(set.countOfMembers(below: 9) == 4 && set.member(at: 4) == 9 && set.member(at: 6) == nil)
        #expect(set.smallest(4).description == "1-3,7")
    }

    @Test("holds the whole range of numbers in one range")
    func extremes() {
        var set = Idset(0...UInt32.max)
        #expect(set.count == 1 << 32 && set.last == .max && set.next(after: .max) == nil)
        set.remove(5)
        #expect(set.ranges == [0...4, 6...UInt32.max])
        set.insert(0...UInt32.max)
        #expect(set.ranges.count == 1)
        #expect(Array(Idset((UInt32.max - 1)...UInt32.max)) == [.max - 1, .max])
        #expect(Idset(0..<0).isEmpty && Idset(3..<5).count == 2)
    }

    @Test(
        "rejected texts name the reason and the place",
        arguments: [
            ("[0-4294967295]", .tooLarge, 3), ("2147483648", .tooLarge, 0), ("1,x", .notANumber, 2),
            ("1-", .notANumber, 2), ("01", .leadingZero, 0), ("5-5", .emptyRange, 0), ("3,2", .notAscending, 2),
            ("[1", .mismatchedBrackets, 0), ("1]", .mismatchedBrackets, 1), ("99999999999999999999", .tooLarge, 0),
        ] as [(String, Idset.ParseError.Reason, Int)])
    func rejected(text: String, reason: Idset.ParseError.Reason, offset: Int) {
        let error = #expect(throws: Idset.ParseError.self) { try Idset(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("large ranges cost nothing")
    func large() throws {
        let set = try Idset(parsing: "0-2147483647")
        #expect(set.count == 1 << 31)
        #expect(try Idset.summary(of: "0-9,2147483647").count == 11)
    }

    @Test("a bounded set allocates and refuses")
    func bounded() throws {
        var free = try BoundedIdset(size: 2, options: [.initFull, .roundRobin])
        #expect(try free.allocate() == 0)
        try free.free(0)
        #expect(try free.allocate() == 1)
        #expect(throws: BoundedIdset.Failure.alreadyFree) { try free.free(0) }
        #expect(throws: BoundedIdset.Failure.outsideUniverse) { try free.free(2) }
        #expect(throws: BoundedIdset.Failure.tooLarge) { try BoundedIdset(size: 1 << 40) }
    }
}

@Suite("RFC 22 idset with thousands of ranges")
struct FragmentedIdsetTests {
    @Test("behaves as Set does", arguments: 1...3)
    func chunks(seed: UInt64) throws {
        var dice = Dice(seed)
        var set = Idset((0..<6000).map { UInt32($0 * 3) })
        var model = Set(set)
        for step in 0..<12_000 {
            let low = UInt32.random(in: 0..<19_000, using: &dice)
            let length = UInt32(step % 50 == 0 ? 3000 : step % 3)
            let range = low...(low + length)
            if UInt64.random(in: 0..<10, using: &dice) < (step < 6000 ? 7 : 3) {
                set.insert(range)
                model.formUnion(range)
            } else {
                set.remove(range)
                model.subtract(range)
            }
            if step % 7 == 0 {
                #expect(set.insert(low + 1).inserted == model.insert(low + 1).inserted)
                #expect((set.remove(low) == nil) == (model.remove(low) == nil))
            }
        }
        let sorted = model.sorted()
        #expect(Array(set) == sorted && set.count == sorted.count)
        #expect(set.first == sorted.first && set.last == sorted.last)
        for id in stride(from: UInt32(0), to: 22_000, by: 371) {
            #expect(set.contains(id) == model.contains(id))
            #expect(
                set.next(after: id) == sorted.first { $0 > id } && set.previous(before: id) == sorted.last { $0 < id })
        }
        let flat = try Idset(parsing: set.description)
        #expect(flat == set && flat.hashValue == set.hashValue && set.union(Idset()) == set)
        set.remove(0...UInt32.max)
        #expect(set.isEmpty && set.first == nil)
        set.insert(3)
        #expect(set.description == "3")
    }

    @Test("from the end to the start")
    func descending() {
        var set = Idset()
        for id in stride(from: UInt32(40_000), to: 0, by: -2) { set.insert(id) }
        #expect(set.count == 20_000 && set.popFirst() == 2)
        for id in stride(from: UInt32(1), to: 40_000, by: 2) { set.insert(id) }
        #expect(set.description == "1,3-40000")
    }
}
