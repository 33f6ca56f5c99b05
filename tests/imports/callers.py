"""VCFs as callers write them: their header, the names and the order of their samples, their own fields of the reads."""

from dataclasses import dataclass


def field(kind: str, name: str, number: str, word: str = "Integer") -> str:
    return f'##{kind}=<ID={name},Number={number},Type={word},Description="x">'


def formats(*pairs: str) -> list[str]:
    return [field("FORMAT", *pair.split("=")) for pair in pairs]


@dataclass(frozen=True)
class Caller:
    """One caller: its header lines, its columns, INFO, FORMAT and the texts of its samples for a change."""

    header: list[str]
    columns: tuple[str, ...]
    info: str
    keys: str
    samples: tuple[str, ...]
    told: tuple[int | None, ...]  # reads of the tumour (reference, alternative) and of the normal
    indel: bool = False

    def write(self, path, place: tuple[str, int, str, str], filters: str = "PASS", info: str | None = None):
        """A VCF with one record."""
        chrom, pos, ref, alt = place
        fixed = [chrom, str(pos), ".", ref, alt, ".", filters, self.info if info is None else info]
        names = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
        if self.columns:
            fixed += [self.keys, *self.samples]
            names += ["FORMAT", *self.columns]
        lines = ["##fileformat=VCFv4.2", *self.header, "\t".join(names), "\t".join(fixed)]
        path.write_text("\n".join(lines) + "\n")
        return path


BASES = [f"{base}U=2" for base in "ACGT"]
STRANDS = [f"{strand}{base}Z=1" for strand in "FR" for base in "ACGT"]
SOMATIC = [field("INFO", "SOMATIC", "0", "Flag")]

# The change is C>T, or for an indel the loss of the base after the first.
CALLERS = {
    "mutect2": Caller(
        ["##source=Mutect2", "##tumor_sample=T", "##normal_sample=N", *formats("GT=1=String", "AD=R", "AF=A=Float")],
        ("N", "T"), "ECNT=1;TLOD=190.21", "GT:AD:AF", ("0/0:100,0:5.0e-03", "0/1:52,58:0.53"), (52, 58, 100, 0),
    ),
    "strelka, bases": Caller(
        ["##source=strelka", *SOMATIC, *formats("DP=1", "FDP=1", "SDP=1", "SUBDP=1", *BASES)],
        ("NORMAL", "TUMOR"), "SOMATIC;QSS=333;TQSS=2;NT=ref;QSS_NT=3070;SGT=CC->CT", "DP:FDP:SDP:SUBDP:AU:CU:GU:TU",
        ("100:0:0:0:0,0:100,101:0,0:0,0", "111:0:0:0:0,0:52,55:1,1:58,61"), (52, 58, 100, 0),
    ),
    "strelka, indel": Caller(
        ["##source=strelka", *SOMATIC, *formats("DP=1", "DP2=1", "TAR=2", "TIR=2", "TOR=2", "DP50=1=Float")],
        ("NORMAL", "TUMOR"), "SOMATIC;QSI=80;TQSI=1;NT=ref;RU=A;RC=2;IC=1;IHP=2", "DP:DP2:TAR:TIR:TOR:DP50",
        ("103:103:100,103:0,0:2,4:47.77", "118:118:52,55:58,61:5,8:21.0"), (52, 58, 100, 0), indel=True,
    ),
    "vardict": Caller(
        ["##source=VarDict_v1.8.2", field("INFO", "STATUS", "1", "String"),
         *formats("GT=1=String", "DP=1", "VD=1", "ALD=2", "RD=2", "AD=R", "AF=A=Float")],
        ("T", "N"), "STATUS=StrongSomatic;SAMPLE=T;TYPE=SNV;DP=110;VD=58;AF=0.5273", "GT:DP:VD:ALD:RD:AD:AF",
        ("0/1:110:58:30,28:26,26:52,58:0.5273", "0/0:100:0:0,0:50,50:100,0:0"), (52, 58, 100, 0),
    ),
    "vardict without AD": Caller(
        ["##source=VarDict", field("INFO", "STATUS", "1", "String"),
         *formats("GT=1=String", "DP=1", "VD=1", "ALD=2", "RD=2", "AF=A=Float")],
        ("T", "N"), "STATUS=LikelySomatic;TYPE=SNV", "GT:DP:VD:ALD:RD:AF",
        ("0/1:110:58:30,28:26,26:0.5273", "0/0:100:0:0,0:50,50:0"), (52, 58, 100, 0),
    ),
    "varscan": Caller(
        ["##source=VarScan2", *SOMATIC, field("INFO", "SS", "1", "String"),
         *formats("GT=1=String", "GQ=1", "DP=1", "RD=1", "AD=1", "FREQ=1=String", "DP4=1=String")],
        ("NORMAL", "TUMOR"), "DP=210;SOMATIC;SS=2;SSC=255;GPV=1E0;SPV=0E0", "GT:GQ:DP:RD:AD:FREQ:DP4",
        ("0/0:.:100:100:0:0%:50,50,0,0", "0/1:.:110:52:58:52.73%:26,26,30,28"), (52, 58, 100, 0),
    ),
    "muse": Caller(
        ["##MuSE_version=v2.0", *SOMATIC, *formats("GT=1=String", "DP=1", "AD=.", "BQ=.", "SS=1")],
        ("TUMOR", "NORMAL"), "SOMATIC", "GT:DP:AD:BQ:SS", ("0/1:110:52,58:31,32:2", "0/0:100:100,0:33,0:."),
        (52, 58, 100, 0),
    ),
    "somaticsniper": Caller(
        formats("GT=1=String", "DP=1", "DP4=4", "BCOUNT=4", "SS=1", "SSC=1"),
        ("NORMAL", "TUMOR"), ".", "GT:DP:DP4:BCOUNT:SS:SSC",
        ("0/0:100:50,50,0,0:0,100,0,0:0:.", "0/1:111:26,26,30,29:0,52,1,58:2:90"), (52, 58, 100, 0),
    ),
    "freebayes": Caller(
        ["##source=freeBayes v1.3.6", *formats("GT=1=String", "DP=1", "RO=1", "QR=1", "AO=A", "QA=A")],
        ("T", "N"), "TYPE=snp", "GT:DP:RO:QR:AO:QA", ("0/1:110:52:1900:58:2100", "0/0:100:100:3700:0:0"),
        (52, 58, 100, 0),
    ),
    "platypus": Caller(
        ["##source=Platypus_Version_0.8.1", *formats("GT=1=String", "NR=.", "NV=.")],
        ("N", "T"), ".", "GT:NR:NV", ("0/0:100:0", "0/1:110:58"), (52, 58, 100, 0),
    ),
    "caveman": Caller(
        ["##vcfProcessLog=<InputVCFSource=<CaVEMan>>", *formats("GT=1=String", *STRANDS, "PM=1=Float")],
        ("NORMAL", "TUMOUR"), "DP=210", "GT:FAZ:FCZ:FGZ:FTZ:RAZ:RCZ:RGZ:RTZ:PM",
        ("0|0:0:50:0:0:0:50:0:0:0.0e+00", "0|1:0:26:1:30:0:26:0:28:5.3e-01"), (52, 58, 100, 0),
    ),
    "dragen": Caller(
        ["##source=DRAGEN", *formats("GT=1=String", "SQ=1=Float", "AD=R", "AF=A=Float", "F1R2=R", "F2R1=R", "DP=1")],
        ("N", "T"), "DP=210;MQ=247.5;FractionInformativeReads=0.966", "GT:SQ:AD:AF:F1R2:F2R1:DP",
        ("0/0:.:100,0:0.000:50,0:50,0:100", "0/1:11.80:52,58:0.527:26,30:26,28:110"), (52, 58, 100, 0),
    ),
    "lofreq": Caller(
        ["##source=lofreq call", field("INFO", "DP", "1"), field("INFO", "AF", "1", "Float"),
         field("INFO", "SB", "1"), field("INFO", "DP4", "4")],
        (), "DP=111;AF=0.522523;SB=0;DP4=26,26,30,28", "", (), (52, 58, None, None),
    ),
    "depth and fraction alone": Caller(
        formats("GT=1=String", "DP=1", "AF=A=Float"), ("N", "T"), ".", "GT:DP:AF", ("0/0:100:0", "0/1:110:0.527"),
        (52, 58, 100, 0),
    ),
    "no reads at all": Caller(
        formats("GT=1=String"), ("N", "T"), ".", "GT", ("0/0", "0/1"), (None, None, None, None)
    ),
}  # fmt: skip
