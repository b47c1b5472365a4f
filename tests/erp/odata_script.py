"""An OData service that answers what it is told, over real HTTP: for what no service at hand does."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from akeneo.wire import Asked, Reply, Step, Wire, said
from akeneo_erp_bridge.erp import ODataService

EDMX = """<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
 <edmx:DataServices>
  <Schema Namespace="Shop.Model" Alias="Self" xmlns="http://docs.oasis-open.org/odata/ns/edm">
   <EntityType Name="Base" Abstract="true"><Property Name="changed" Type="Edm.DateTimeOffset"/></EntityType>
   <EntityType Name="Item" BaseType="Self.Base">
    <Key><PropertyRef Name="number"/></Key>
    <Property Name="number" Type="Edm.String" Nullable="false" MaxLength="20"/>
    <Property Name="name" Type="Edm.String" MaxLength="100"/>
    <Property Name="text" Type="Edm.String" MaxLength="max"/>
    <Property Name="price" Type="Edm.Decimal" Precision="15" Scale="variable"/>
    <Property Name="count" Type="Edm.Int64"/>
    <Property Name="launched" Type="Edm.Date"/>
    <Property Name="state" Type="Self.State"/>
    <Property Name="size" Type="Self.Size"/>
    <Property Name="tags" Type="Collection(Edm.String)"/>
    <Property Name="made" Type="Edm.DateTimeOffset">
      <Annotation Term="Org.OData.Core.V1.Computed"/>
    </Property>
    <Property Name="origin" Type="Edm.String"/>
    <Property Name="outsideKey" Type="Edm.String"/>
    <NavigationProperty Name="group" Type="Self.Group"/>
    <NavigationProperty Name="codes" Type="Collection(Self.Code)"/>
   </EntityType>
   <ComplexType Name="Size"><Property Name="width" Type="Edm.Decimal"/></ComplexType>
   <EnumType Name="State"><Member Name="New"/><Member Name="Old"/></EnumType>
   <EntityType Name="Group"><Key><PropertyRef Name="code"/></Key><Property Name="code" Type="Edm.String"/></EntityType>
   <EntityType Name="Code"><Key><PropertyRef Name="ean"/></Key><Property Name="ean" Type="Edm.String"/></EntityType>
   <EntityType Name="Stock">
    <Key><PropertyRef Name="plant"/><PropertyRef Name="item"/></Key>
    <Property Name="plant" Type="Edm.String"/><Property Name="item" Type="Edm.String"/>
    <Property Name="quantity" Type="Edm.Decimal"/>
   </EntityType>
   <EntityContainer Name="Container">
    <EntitySet Name="Items" EntityType="Self.Item"/>
    <EntitySet Name="Groups" EntityType="Shop.Model.Group"/>
    <EntitySet Name="Stock" EntityType="Self.Stock"/>
   </EntityContainer>
   <Annotations Target="Self.Item/origin"><Annotation Term="Core.Immutable" Bool="true"/></Annotations>
   <Annotations Target="Self.Container/Groups">
    <Annotation Term="Capabilities.UpdateRestrictions">
     <Record><PropertyValue Property="Updatable" Bool="false"/></Record>
    </Annotation>
   </Annotations>
   <Annotations Target="Self.Container/Items">
    <Annotation Term="Org.OData.Capabilities.V1.FilterRestrictions">
     <Record><PropertyValue Property="NonFilterableProperties"><Collection><PropertyPath>name</PropertyPath></Collection></PropertyValue></Record>
    </Annotation>
   </Annotations>
  </Schema>
 </edmx:DataServices>
</edmx:Edmx>"""


class ScriptedService:
    """Tells its metadata, and then the steps one after the other. `asked` holds the rest of what it was asked."""

    def __init__(self, *script: Step, edmx: str = EDMX, root: str = "/odata/") -> None:
        self.script = deque(script)
        self.otherwise: Step | None = None
        self.edmx, self.root = edmx, root
        self.asked: list[Asked] = []
        self.slept: list[float] = []
        self.wire = Wire(otherwise=self._reply)
        self.services: list[ODataService] = []

    @property
    def url(self) -> str:
        return self.wire.url + self.root

    def _reply(self, asked: Asked) -> Reply:
        if asked.path.endswith("$metadata"):
            kind = "application/json" if self.edmx.startswith("{") else "application/xml"
            return Reply(200, self.edmx.encode(), kind)
        self.asked.append(asked)
        step = self.script.popleft() if self.script else self.otherwise
        if step is None:
            return Reply(400, f"not scripted: {asked.method} {asked.target}".encode())
        return step if isinstance(step, Reply) else step(asked)

    def service(self, **options: Any) -> ODataService:
        """A way in that does not sleep."""
        one = ODataService(self.url, **options)
        one.session.sleep = self.slept.append
        self.services.append(one)
        return one

    def queries(self) -> list[dict[str, str]]:
        """The options of each question."""
        return [options_of(one) for one in self.asked]

    def paths(self) -> list[str]:
        """The decoded paths of what was asked."""
        return [unquote(one.path) for one in self.asked]

    def __enter__(self) -> Self:
        self.wire.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        for one in self.services:
            one.close()
        self.wire.__exit__(*why)


def options_of(asked: Asked) -> dict[str, str]:
    """The options of a question, decoded."""
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}


def entities(*values: Mapping[str, object], **control: object) -> Reply:
    """A page; ``next="..."`` and ``delta="..."`` are its links."""
    names = {"next": "@odata.nextLink", "delta": "@odata.deltaLink"}
    return said(
        {"@odata.context": "$metadata#Items", "value": list(values), **{names[n]: v for n, v in control.items()}}
    )


def item(number: str, **more: object) -> dict[str, object]:
    return {"number": number, "name": f"Name of {number}", **more}


def wrong(status: int, code: str, message: str, **more: object) -> Reply:
    return said({"error": {"code": code, "message": message, **more}}, status)
