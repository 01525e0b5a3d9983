import RFC29Hostlist
import Testing

@Suite("RFC 29 hostlist")
struct HostlistTests {
    @Test("a million hosts are one range")
    func large() throws {
        let list = try Hostlist(parsing: "node[0-1048575]")
        #expect(list.count == 1 << 20)
        #expect(list[999_999] == "node999999" && list.last == "node1048575")
        #expect(list.firstIndex(of: "node524288") == 524_288)
        #expect(HostIndex(list).position(of: "node77") == 77)
        var rest = list
        #expect(rest.remove(try Hostlist(parsing: "node[1-1048574]")) == 1_048_574)
        #expect(rest.description == "node[0,1048575]")
    }

    @Test(
        "texts that would expand without end are refused",
        arguments: [
            ("n[1-99999999999]", .tooManyHosts, 2), ("n[0-18446744073709551615]", .tooManyHosts, 2),
            ("n[0-1048576]", .tooManyHosts, 2), ("n[0-1048575]x,n[0-1048575]y", .tooManyHosts, 14),
            ("n[99999999999999999999]", .tooLarge, 2), ("n[1-", .mismatchedBrackets, 1),
            ("n[2-1]", .descendingRange, 2),
            ("n[1][2]", .severalBrackets, 4), ("n]", .mismatchedBrackets, 1), ("n[a]", .notANumber, 2),
            ("a\u{1}", .invalidCharacter, 1),
        ] as [(String, Hostlist.ParseError.Reason, Int)])
    func rejected(text: String, reason: Hostlist.ParseError.Reason, offset: Int) {
        let error = #expect(throws: Hostlist.ParseError.self) { try Hostlist(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("long names and long lists are refused")
    func limits() {
        #expect(Hostlist(String(repeating: "n", count: 1024)) == nil)
        #expect(Hostlist("n[\(String(repeating: "0", count: 1024))1-9]") == nil)
        #expect(Hostlist(String(repeating: "n[0-1048575],", count: 5)) == nil)
    }

    @Test(
        "lists with the same hosts are equal however they are written",
        arguments: [("f00[1-2]", "f[001-002]"), ("n[9-11]", "n9,n10,n11"), ("n[1-2]-ib", "n1-ib,n2-ib"), ("", ",")])
    func equality(left: String, right: String) throws {
        let a = try Hostlist(parsing: left)
        let b = try Hostlist(parsing: right)
        #expect(a == b && a.hashValue == b.hashValue && Array(a) == Array(b))
    }

    @Test(
        "set operations agree with those of names",
        arguments: ["n[1-9],f00[1-2]", "n[08-12],n[8-12]", "a,b,n3,n3,f001", "n[5-20]-ib,n7-ib,b"],
        ["n[3-12]", "f[001-005],n09", "a,a,n7-ib,n[1-3]", ""])
    func setOperations(left: String, right: String) throws {
        let a = try Hostlist(parsing: left)
        let b = try Hostlist(parsing: right)
        let x = Set(a)
        let y = Set(b)
        #expect(Set(a.intersection(b)) == x.intersection(y) && Set(a.union(b)) == x.union(y))
        #expect(Array(a.subtracting(b)) == a.filter { !y.contains($0) })
        #expect(Set(a.symmetricDifference(b)) == x.symmetricDifference(y))
        #expect(Set(a.unique()) == x && a.unique().count == x.count)
        #expect(Array(a.sorted()).sorted(by: <) == Array(a).sorted(by: <))
        #expect(HostIndex(a).count == x.count)
        for name in x.union(y) { #expect(HostIndex(a).position(of: name) == a.firstIndex(of: name)) }
    }

    @Test("slices keep the order")
    func slices() throws {
        let list = try Hostlist(parsing: "n[8-11],x,n[1-2]")
        #expect(list.sublist(1..<6).description == "n[9-11],x,n1")
        #expect(list.sublist(at: [4, 0])?.description == "x,n8" && list.sublist(at: [7]) == nil)
        #expect(list.host(at: -1) == "n2" && list.host(at: 7) == nil && list.host(at: .min) == nil)
        var edited = list
        #expect(edited.remove(at: 1) == "n9" && edited.description == "n[8,10-11],x,n[1-2]")
        #expect(list.positions(of: try Hostlist(parsing: "x,y")).missing.description == "y")
    }
}
