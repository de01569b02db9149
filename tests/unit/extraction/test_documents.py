"""What is found, and with which key: (text, [(surface, key), ...]), one case a row."""

import pytest

from streams.extraction import find_documents

NUMBERED = [
    # the Party
    ("Thực hiện Chỉ thị số 05-CT/TW của Bộ Chính trị.", [("Chỉ thị số 05-CT/TW", "05-CT/TW")]),
    ("Thực hiện Chỉ thị 05 CT/TW, chi bộ họp.", [("Chỉ thị 05 CT/TW", "05-CT/TW")]),
    ("Thực hiện Chỉ thị 05-CT-TW, chi bộ họp.", [("Chỉ thị 05-CT-TW", "05-CT/TW")]),
    ("Thực hiện Chỉ thị 05CT/TW, chi bộ họp.", [("Chỉ thị 05CT/TW", "05-CT/TW")]),
    ("Thực hiện Chỉ thị 05/CT-TW, chi bộ họp.", [("Chỉ thị 05/CT-TW", "05-CT/TW")]),
    ("Thực hiện Chỉ thị số: 05 - CT/TƯ, chi bộ họp.", [("Chỉ thị số: 05 - CT/TƯ", "05-CT/TW")]),
    ("Thực hiện Chỉ thị 5-CT/T.Ư, chi bộ họp.", [("Chỉ thị 5-CT/T.Ư", "05-CT/TW")]),
    ("THỰC HIỆN CHỈ THỊ SỐ 05-CT/TW NĂM NAY", [("CHỈ THỊ SỐ 05-CT/TW", "05-CT/TW")]),
    ("Nghị quyết số 18-NQ/TW về tổ chức bộ máy", [("Nghị quyết số 18-NQ/TW", "18-NQ/TW")]),
    ("Nghị quyết 18 – NQ/TW về tổ chức bộ máy", [("Nghị quyết 18 – NQ/TW", "18-NQ/TW")]),
    ("Nghị quyết 29/NQ-TW về giáo dục", [("Nghị quyết 29/NQ-TW", "29-NQ/TW")]),
    ("nghị quyết 29-NQ-TƯ về giáo dục", [("nghị quyết 29-NQ-TƯ", "29-NQ/TW")]),
    ("Kết luận số 14-KL/TW ngày 22/9/2021", [("Kết luận số 14-KL/TW", "14-KL/TW")]),
    ("Quy định 37-QĐ/TW về những điều cấm", [("Quy định 37-QĐ/TW", "37-QĐ/TW")]),
    ("Quy định số 08-QĐi/TW về nêu gương", [("Quy định số 08-QĐi/TW", "08-QĐi/TW")]),
    (
        "Quyết định số 439 – QĐNS/TW về nhân sự",
        [("Quyết định số 439 – QĐNS/TW", "439-QĐNS/TW")],
    ),
    ("Hướng dẫn số 12-HD/BTCTW về sinh hoạt", [("Hướng dẫn số 12-HD/BTCTW", "12-HD/BTCTW")]),
    ("Công văn số 215-CV/VPTW gửi các tỉnh", [("Công văn số 215-CV/VPTW", "215-CV/VPTW")]),
    ("Chỉ thị số 788- CT/QUTW về kỷ luật", [("Chỉ thị số 788- CT/QUTW", "788-CT/QUTW")]),
    ("Nghị quyết số 11-NQ/TU về du lịch", [("Nghị quyết số 11-NQ/TU", "11-NQ/TU")]),
    ("Chương trình số 16-Ctr/TU của Tỉnh ủy", [("Chương trình số 16-Ctr/TU", "16-CTr/TU")]),
    ("Kế hoạch 31-KH/TU năm nay", [("Kế hoạch 31-KH/TU", "31-KH/TU")]),
    # the state
    (
        "Nghị định số 100/2019/NĐ-CP có hiệu lực",
        [("Nghị định số 100/2019/NĐ-CP", "100/2019/NĐ-CP")],
    ),
    ("nghị định 100/2019/ NĐ - CP", [("nghị định 100/2019/ NĐ - CP", "100/2019/NĐ-CP")]),
    ("Nghị định171/2013/NĐ-CP quy định", [("Nghị định171/2013/NĐ-CP", "171/2013/NĐ-CP")]),
    ("Nghị định 100/2019/NÐ-CP (bàn phím cũ)", [("Nghị định 100/2019/NÐ-CP", "100/2019/NĐ-CP")]),
    (
        "Nghị định\u00a0số\u00a024/2012/NĐ\u2011CP",
        [("Nghị định\xa0số\xa024/2012/NĐ\u2011CP", "24/2012/NĐ-CP")],
    ),
    ("theo Nghị định 24/2012 về vàng", [("Nghị định 24/2012", "24/2012/NĐ-CP")]),
    ("theo Nghị định 24 năm 2012 về vàng", [("Nghị định 24", "24/2012/NĐ-CP")]),
    ("theo Nghị định số 24 ngày 3/4/2012 về vàng", [("Nghị định số 24", "24/2012/NĐ-CP")]),
    ("Nghị định 24 của Chính phủ năm 2012", [("Nghị định 24", "24/2012/NĐ-CP")]),
    ("Năm 2012, Chính phủ ban hành Nghị định 24 về vàng", [("Nghị định 24", "24/2012/NĐ-CP")]),
    ("Nghị định 24 của Chính phủ, từ năm 2013 dân được lợi", [("Nghị định 24", "24/NĐ-CP")]),
    ("theo Nghị định 24 về vàng", [("Nghị định 24", "24/NĐ-CP")]),
    ("mức phạt của NĐ 100 khá cao", [("NĐ 100", "100/NĐ-CP")]),
    ("mức phạt của NĐ 100/2019 khá cao", [("NĐ 100/2019", "100/2019/NĐ-CP")]),
    ("Nghị định 91/2020/NĐCP về tin nhắn rác", [("Nghị định 91/2020/NĐCP", "91/2020/NĐ-CP")]),
    (
        "Nghị định Chính phủ số 91/2020/ND-CP",
        [("Nghị định Chính phủ số 91/2020/ND-CP", "91/2020/NĐ-CP")],
    ),
    ("Nghị định số 26/CP ngày 23/5/1993", [("Nghị định số 26/CP", "26/CP")]),
    ("Quyết định số 749/QĐ-TTg về chuyển đổi số", [("Quyết định số 749/QĐ-TTg", "749/QĐ-TTg")]),
    ("Quyết định 749/QĐ-TTG về chuyển đổi số", [("Quyết định 749/QĐ-TTG", "749/QĐ-TTg")]),
    ("Quyết định 749/QDD-Ttg về chuyển đổi số", [("Quyết định 749/QDD-Ttg", "749/QĐ-TTg")]),
    ("Quyết định số 17/2012/QĐ – UBND", [("Quyết định số 17/2012/QĐ – UBND", "17/2012/QĐ-UBND")]),
    ("Chỉ thị 16/CT-TTg về giãn cách", [("Chỉ thị 16/CT-TTg", "16/CT-TTg")]),
    ("Nghị quyết số 01/NQ-CP đầu năm", [("Nghị quyết số 01/NQ-CP", "01/NQ-CP")]),
    ("Nghị quyết 19-2017/NQ-CP về cạnh tranh", [("Nghị quyết 19-2017/NQ-CP", "19/2017/NQ-CP")]),
    ("Nghị quyết 30a/2008/NQ-CP giảm nghèo", [("Nghị quyết 30a/2008/NQ-CP", "30a/2008/NQ-CP")]),
    ("Nghị quyết số 43/2022/QH15 của Quốc hội", [("Nghị quyết số 43/2022/QH15", "43/2022/QH15")]),
    (
        "Nghị quyết số 1210/NQ-UBTVQH13 về đô thị",
        [("Nghị quyết số 1210/NQ-UBTVQH13", "1210/NQ-UBTVQH13")],
    ),
    (
        "Nghị quyết 05/2021/NQ-HĐND của HĐND tỉnh",
        [("Nghị quyết 05/2021/NQ-HĐND", "05/2021/NQ-HĐND")],
    ),
    ("Thông tư số 22/2021/TT - BGDĐT", [("Thông tư số 22/2021/TT - BGDĐT", "22/2021/TT-BGDĐT")]),
    ("Thông tư 01/2015/TT-BGD&ĐT", [("Thông tư 01/2015/TT-BGD&ĐT", "01/2015/TT-BGDĐT")]),
    (
        "Thông tư liên tịch số 37/2015/TTLT-BYT-BTC",
        [("Thông tư liên tịch số 37/2015/TTLT-BYT-BTC", "37/2015/TTLT-BYT-BTC")],
    ),
    ("Công điện số 1063/CĐ-TTg khẩn", [("Công điện số 1063/CĐ-TTg", "1063/CĐ-TTg")]),
    ("Công điện số 5360 CĐ/BCT-PCTT", [("Công điện số 5360 CĐ/BCT-PCTT", "5360/CĐ-BCT-PCTT")]),
    ("Công văn số 322/BGDĐT-GDTrH gửi sở", [("Công văn số 322/BGDĐT-GDTrH", "322/BGDĐT-GDTrH")]),
    ("văn bản 8959/UBND – THKH", [("văn bản 8959/UBND – THKH", "8959/UBND-THKH")]),
    ("Công văn khẩn số 730/KCB-NV gửi các sở", [("Công văn khẩn số 730/KCB-NV", "730/KCB-NV")]),
    (
        "Kết luận thanh tra số 12/KL-TTCP chỉ rõ",
        [("Kết luận thanh tra số 12/KL-TTCP", "12/KL-TTCP")],
    ),
    ("Thông báo số 214/TB-VPCP nêu", [("Thông báo số 214/TB-VPCP", "214/TB-VPCP")]),
    ("Sắc lệnh số 15/SL năm 1945", [("Sắc lệnh số 15/SL", "15/SL")]),
    ("Luật số 45/2019/QH14 quy định", [("Luật số 45/2019/QH14", "45/2019/QH14")]),
    ("Pháp lệnh số 02/2020/UBTVQH14", [("Pháp lệnh số 02/2020/UBTVQH14", "02/2020/UBTVQH14")]),
    # beside words that elsewhere speak of other papers
    (
        "xuất hóa đơn theo Nghị định 123/2020/NĐ-CP",
        [("Nghị định 123/2020/NĐ-CP", "123/2020/NĐ-CP")],
    ),
    ("đạt tiêu chuẩn của Thông tư 22", [("Thông tư 22", "22/TT")]),
    ("công chức hợp đồng theo Nghị định 68", [("Nghị định 68", "68/NĐ-CP")]),
    ("chống khai thác IUU theo Quyết định 81 của Thủ tướng", [("Quyết định 81", "81/QĐ-TTg")]),
    ("Nghị định 125 thực hiện cam kết với ASEAN và WTO", [("Nghị định 125", "125/NĐ-CP")]),
    (
        "Công ty X bị UBND tỉnh ra Quyết định số 55 thu hồi đất",
        [("Quyết định số 55", "55/QĐ-UBND")],
    ),
    ("Công ty có Thông tư 200 để làm theo", [("Thông tư 200", "200/TT")]),
    ("xã hội hóa theo Nghị định 69 xã hội hóa giáo dục", [("Nghị định 69", "69/NĐ-CP")]),
    ("theo Nghị định số 15 người nước ngoài được mua", [("Nghị định số 15", "15/NĐ-CP")]),
    ("Nghị quyết chuyên đề số 07 của Huyện ủy", [("Nghị quyết chuyên đề số 07", "07-NQ/HU")]),
    ("CV 456/SXD-QLN của sở", [("CV 456/SXD-QLN", "456/SXD-QLN")]),
    (
        "Nghị quyết liên tịch số 403/2017/NQLT-UBTVQH14-CP-ĐCTUBTWMTTQVN",
        [
            (
                "Nghị quyết liên tịch số 403/2017/NQLT-UBTVQH14-CP-ĐCTUBTWMTTQVN",
                "403/2017/NQLT-UBTVQH14-CP-ĐCTUBTWMTTQVN",
            )
        ],
    ),
    # a symbol alone
    ("theo 05-CT/TW của Trung ương", [("05-CT/TW", "05-CT/TW")]),
    ("(số 749/QĐ-TTg ngày 3/6/2020)", [("số 749/QĐ-TTg", "749/QĐ-TTg")]),
    ("thay thế 153/2010/TT- BTC trước đây", [("153/2010/TT- BTC", "153/2010/TT-BTC")]),
    # the key completed from the stated body
    ("Chỉ thị 08 của Thành ủy Hà Nội", [("Chỉ thị 08", "08-CT/TU")]),
    ("Chỉ thị 05 của Bộ Chính trị", [("Chỉ thị 05", "05-CT/TW")]),
    ("Nghị quyết 35 của Chính phủ", [("Nghị quyết 35", "35/NQ-CP")]),
    ("Quyết định 13 của Thủ tướng", [("Quyết định 13", "13/QĐ-TTg")]),
    ("Thông tư 39 của Bộ Tài chính", [("Thông tư 39", "39/TT-BTC")]),
    ("Thông tư 39 năm 2016 của Ngân hàng Nhà nước", [("Thông tư 39", "39/2016/TT-NHNN")]),
    ("Nghị quyết 04 Bộ Chính trị", [("Nghị quyết 04", "04-NQ/TW")]),
    ("Kết luận số 24 của Bộ Chính trị khóa XI", [("Kết luận số 24", "24-KL/TW")]),
    ("Nghị quyết 43 năm 2022 của Quốc hội", [("Nghị quyết 43", "43/2022/QH15")]),
    ("Chỉ thị số 20 mà Thủ tướng vừa ký", [("Chỉ thị số 20", "20/CT-TTg")]),
    ("UBND tỉnh vừa có quyết định số 949 về đầu tư", [("quyết định số 949", "949/QĐ-UBND")]),
    ("Bộ Y tế đã ban hành Quyết định 2054 về thuốc", [("Quyết định 2054", "2054/QĐ-BYT")]),
    ("Quy định 205 của Bộ Chính trị", [("Quy định 205", "205-QĐ/TW")]),
    ("Kế hoạch số 169 của UBND TP Hà Nội", [("Kế hoạch số 169", "169/KH-UBND")]),
    ("Đề án 06 của Chính phủ", [("Đề án 06", "06/ĐA")]),
    ("Chương trình 135 của Chính phủ", [("Chương trình 135", "135/CTr")]),
    ("Hướng dẫn 25 của Ban Tuyên giáo Trung ương", [("Hướng dẫn 25", "25-HD/BTGTW")]),
    ("Nghị quyết số 12 của HĐND tỉnh", [("Nghị quyết số 12", "12/NQ-HĐND")]),
    ("Nghị quyết số 18 (khóa XII) về bộ máy", [("Nghị quyết số 18", "18-NQ/TW")]),
    # a number alone
    ("Nghị quyết 19 giúp cải thiện môi trường", [("Nghị quyết 19", "19/NQ")]),
    ("theo Thông tư 24 đến hết năm", [("Thông tư 24", "24/TT")]),
    ("tại công văn số 314, do phó giám đốc ký", [("công văn số 314", "314/CV")]),
    ("Quyết định số 52 có hiệu lực", [("Quyết định số 52", "52/QĐ")]),
]

LISTS = [
    (
        "bộ ba nghị quyết 57 - 59 - 66 của Bộ Chính trị",
        [("nghị quyết 57", "57-NQ/TW"), ("59", "59-NQ/TW"), ("66", "66-NQ/TW")],
    ),
    (
        "Nghị quyết 57, 59, 66 và 68 là bốn trụ cột",
        [
            ("Nghị quyết 57", "57/NQ"),
            ("59", "59/NQ"),
            ("66", "66/NQ"),
            ("68", "68/NQ"),
        ],
    ),
    (
        "sửa Luật Đất đai, Nhà ở và Kinh doanh bất động sản.",
        [
            ("Luật Đất đai", "Luật Đất đai"),
            ("Nhà ở", "Luật Nhà ở"),
            ("Kinh doanh bất động sản", "Luật Kinh doanh bất động sản"),
        ],
    ),
    (
        "các quyết định 106, 107/QĐ-TTg",
        [("quyết định 106", "106/QĐ-TTg"), ("107/QĐ-TTg", "107/QĐ-TTg")],
    ),
    (
        "Chỉ thị 03, 05 của Bộ Chính trị",
        [("Chỉ thị 03", "03-CT/TW"), ("05", "05-CT/TW")],
    ),
    (
        "Quyết định số 217, số 218 của Bộ Chính trị",
        [("Quyết định số 217", "217-QĐ/TW"), ("số 218", "218-QĐ/TW")],
    ),
    (
        "hai thông tư số 06/2006/TT-BYT và 08/2006/TT-BYT",
        [("thông tư số 06/2006/TT-BYT", "06/2006/TT-BYT"), ("08/2006/TT-BYT", "08/2006/TT-BYT")],
    ),
    (
        "Nghị quyết 18, 19-NQ/TW về bộ máy",
        [("Nghị quyết 18", "18-NQ/TW"), ("19-NQ/TW", "19-NQ/TW")],
    ),
    (
        "các văn bản số 63, 64 ngày 11/7 của Thủ tướng",
        [("văn bản số 63", "63/CV"), ("64", "64/CV")],
    ),
    (
        "triển khai Quyết định 935, 936 tại các quận",
        [("Quyết định 935", "935/QĐ"), ("936", "936/QĐ")],
    ),
    (
        "Nghị quyết 18, Nghị quyết 19 của Ban Chấp hành Trung ương",
        [("Nghị quyết 18", "18-NQ/TW"), ("Nghị quyết 19", "19-NQ/TW")],
    ),
    (
        "Nghị quyết Trung ương 4 khóa XI, khóa XII",
        [("Nghị quyết Trung ương 4 khóa XI", "NQTW4/XI"), ("khóa XII", "NQTW4/XII")],
    ),
    (
        "Nghị quyết Trung ương 4 (khóa XI, XII)",
        [("Nghị quyết Trung ương 4 (khóa XI", "NQTW4/XI"), ("XII", "NQTW4/XII")],
    ),
    (
        "Nghị quyết Trung ương 4 (Khóa XI và XII) chỉ rõ",
        [("Nghị quyết Trung ương 4 (Khóa XI", "NQTW4/XI"), ("XII", "NQTW4/XII")],
    ),
    (
        "Nghị quyết Trung ương 4 khóa XI và khóa XII",
        [("Nghị quyết Trung ương 4 khóa XI", "NQTW4/XI"), ("khóa XII", "NQTW4/XII")],
    ),
    (
        "các Nghị quyết Trung ương 4 và Trung ương 7",
        [("Nghị quyết Trung ương 4", "NQTW4"), ("Trung ương 7", "NQTW7")],
    ),
    (
        "Nghị quyết Trung ương 4, 5 khóa XII",
        [("Nghị quyết Trung ương 4", "NQTW4/XII"), ("5 khóa XII", "NQTW5/XII")],
    ),
    (
        "giữa Luật Đất đai năm 2003 và 2013",
        [("Luật Đất đai năm 2003", "Luật Đất đai 2003"), ("2013", "Luật Đất đai 2013")],
    ),
]

MEETINGS = [
    ("Nghị quyết Trung ương 8 (5/1941)", [("Nghị quyết Trung ương 8", "NQTW8")]),
    ("NGHỊ QUYẾT TRUNG ƯƠNG 4 KHÓA XII", [("NGHỊ QUYẾT TRUNG ƯƠNG 4 KHÓA XII", "NQTW4/XII")]),
    ("Nghị quyết Trung ương 4 (khóa XII)", [("Nghị quyết Trung ương 4 (khóa XII)", "NQTW4/XII")]),
    ("Nghị quyết T.Ư 4, khóa XII", [("Nghị quyết T.Ư 4, khóa XII", "NQTW4/XII")]),
    ("Nghị quyết TƯ 4 khoá XII", [("Nghị quyết TƯ 4 khoá XII", "NQTW4/XII")]),
    ("nghị quyết Trung ương 4 khóa 12", [("nghị quyết Trung ương 4 khóa 12", "NQTW4/XII")]),
    ("Nghị quyết TW4 khóa XII", [("Nghị quyết TW4 khóa XII", "NQTW4/XII")]),
    ("NQTW 4 khóa XII", [("NQTW 4 khóa XII", "NQTW4/XII")]),
    ("NQ TƯ 4 (khóa XII)", [("NQ TƯ 4 (khóa XII)", "NQTW4/XII")]),
    ("Nghị quyết Trung ương 4 về chỉnh đốn Đảng", [("Nghị quyết Trung ương 4", "NQTW4")]),
    (
        "Nghị quyết Hội nghị Trung ương 5 khóa XIII",
        [("Nghị quyết Hội nghị Trung ương 5 khóa XIII", "NQTW5/XIII")],
    ),
    (
        "Nghị quyết Hội nghị lần thứ tư Ban Chấp hành Trung ương Đảng khóa XII",
        [
            (
                "Nghị quyết Hội nghị lần thứ tư Ban Chấp hành Trung ương Đảng khóa XII",
                "NQTW4/XII",
            )
        ],
    ),
    (
        "Nghị quyết Hội nghị lần thứ 8, BCH Trung ương khóa XIII",
        [("Nghị quyết Hội nghị lần thứ 8, BCH Trung ương khóa XIII", "NQTW8/XIII")],
    ),
    (
        "Kết luận Hội nghị Trung ương 4 khóa XIII",
        [("Kết luận Hội nghị Trung ương 4 khóa XIII", "KLTW4/XIII")],
    ),
    ("Nghị quyết Trung ương về công tác dân tộc", [("Nghị quyết Trung ương", "NQTW")]),
    ("Nghị quyết Đại hội XIII của Đảng", [("Nghị quyết Đại hội XIII", "NQĐH/XIII")]),
    (
        "Nghị quyết Đại hội MTTQ Việt Nam lần thứ IX",
        [("Nghị quyết Đại hội MTTQ Việt Nam lần thứ IX", "NQĐHĐB/IX")],
    ),
    ("Nghị quyết ĐH XIII", [("Nghị quyết ĐH XIII", "NQĐH/XIII")]),
    (
        "Nghị quyết Đại hội lần thứ XIII của Đảng",
        [("Nghị quyết Đại hội lần thứ XIII", "NQĐH/XIII")],
    ),
    (
        "Nghị quyết Đại hội đại biểu toàn quốc lần thứ XIII của Đảng",
        [("Nghị quyết Đại hội đại biểu toàn quốc lần thứ XIII", "NQĐH/XIII")],
    ),
    (
        "Nghị quyết Đại hội Đảng toàn quốc lần thứ 13",
        [("Nghị quyết Đại hội Đảng toàn quốc lần thứ 13", "NQĐH/XIII")],
    ),
    ("Nghị quyết Đại hội Đảng vào cuộc sống", [("Nghị quyết Đại hội Đảng", "NQĐH")]),
    (
        "Nghị quyết Đại hội Đảng bộ tỉnh lần thứ XX",
        [("Nghị quyết Đại hội Đảng bộ tỉnh lần thứ XX", "NQĐHĐB/XX")],
    ),
    (
        "Nghị quyết Đại hội lần thứ XII Đảng bộ huyện",
        [("Nghị quyết Đại hội lần thứ XII", "NQĐHĐB/XII")],
    ),
    (
        "Nghị quyết Đại hội đại biểu Đảng bộ huyện Tuy Phước lần thứ 24",
        [("Nghị quyết Đại hội đại biểu Đảng bộ huyện Tuy Phước lần thứ 24", "NQĐHĐB/XXIV")],
    ),
    (
        "Nghị quyết lần thứ tư Ban Chấp hành Trung ương khóa XII",
        [("Nghị quyết lần thứ tư Ban Chấp hành Trung ương khóa XII", "NQTW4/XII")],
    ),
    (
        "Nghị quyết Trung ương Đảng lần thứ 7 (khóa X)",
        [("Nghị quyết Trung ương Đảng lần thứ 7 (khóa X)", "NQTW7/X")],
    ),
    (
        "Nghị quyết ĐHĐB toàn quốc lần thứ XIII",
        [("Nghị quyết ĐHĐB toàn quốc lần thứ XIII", "NQĐH/XIII")],
    ),
    (
        "Nghị quyết Đại hội đại biểu lần thứ XX Đảng bộ tỉnh",
        [("Nghị quyết Đại hội đại biểu lần thứ XX", "NQĐHĐB/XX")],
    ),
    (
        "Nghị quyết Đại hội XIII của Đảng và Nghị quyết Đại hội XX Đảng bộ tỉnh",
        [("Nghị quyết Đại hội XIII", "NQĐH/XIII"), ("Nghị quyết Đại hội XX", "NQĐHĐB/XX")],
    ),
    ("Nghị quyết Đại hội XIII Đảng bộ huyện", [("Nghị quyết Đại hội XIII", "NQĐHĐB/XIII")]),
]

LAWS = [
    ("theo Luật Đất đai 2013", [("Luật Đất đai 2013", "Luật Đất đai 2013")]),
    ("theo Luật Đất đai năm 2013", [("Luật Đất đai năm 2013", "Luật Đất đai 2013")]),
    ("theo luật đất đai", [("luật đất đai", "Luật Đất đai")]),
    (
        "vi phạm Luật Giao thông đường bộ",
        [("Luật Giao thông đường bộ", "Luật Giao thông đường bộ")],
    ),
    ("trình Quốc hội Luật Dữ liệu", [("Luật Dữ liệu", "Luật Dữ liệu")]),
    ("cho sinh viên học Luật An ninh mạng", [("Luật An ninh mạng", "Luật An ninh mạng")]),
    ("Bộ luật Hình sự 1999 cũ", [("Bộ luật Hình sự 1999", "Bộ luật Hình sự 1999")]),
    ("bộ luật hình sự quy định", [("bộ luật hình sự", "Bộ luật Hình sự")]),
    ("theo Luật Lao động hiện hành", [("Luật Lao động", "Bộ luật Lao động")]),
    ("sửa Luật BHXH lần này", [("Luật BHXH", "Luật Bảo hiểm xã hội")]),
    ("nộp theo Luật thuế GTGT", [("Luật thuế GTGT", "Luật Thuế giá trị gia tăng")]),
    ("Điều 12 Luật HN&GĐ", [("Luật HN&GĐ", "Luật Hôn nhân và gia đình")]),
    (
        "theo Luật Phòng chống tham nhũng",
        [("Luật Phòng chống tham nhũng", "Luật Phòng, chống tham nhũng")],
    ),
    ("theo Luật Phí, lệ phí", [("Luật Phí, lệ phí", "Luật Phí và lệ phí")]),
    ("Điều 134 BLHS 2015", [("BLHS 2015", "Bộ luật Hình sự 2015")]),
    ("theo Hiến pháp 2013", [("Hiến pháp 2013", "Hiến pháp 2013")]),
    (
        "Căn cứ Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015;",
        [("Luật Tổ chức Chính phủ", "Luật Tổ chức Chính phủ 2015")],
    ),
    (
        "Luật Giao thông đường bộ (GTĐB) năm 2008",
        [("Luật Giao thông đường bộ (GTĐB) năm 2008", "Luật Giao thông đường bộ 2008")],
    ),
    ("dạy Luật Giao thông cho học sinh", [("Luật Giao thông", "Luật Giao thông")]),
    ("theo hiến pháp năm 1992", [("hiến pháp năm 1992", "Hiến pháp 1992")]),
    ("LUẬT ĐẤT ĐAI 2024 CÓ GÌ MỚI", [("LUẬT ĐẤT ĐAI 2024", "Luật Đất đai 2024")]),
    (
        "Luật phòng cháy, chữa cháy và cứu nạn, cứu hộ",
        [
            (
                "Luật phòng cháy, chữa cháy và cứu nạn, cứu hộ",
                "Luật Phòng cháy, chữa cháy và cứu nạn, cứu hộ",
            )
        ],
    ),
    ("Luật PCCC và CNCH", [("Luật PCCC và CNCH", "Luật Phòng cháy, chữa cháy và cứu nạn, cứu hộ")]),
    (
        "Luật Trật tự ATGT đường bộ",
        [("Luật Trật tự ATGT đường bộ", "Luật Trật tự, an toàn giao thông đường bộ")],
    ),
    ("Pháp lệnh Ngoại hối cho phép", [("Pháp lệnh Ngoại hối", "Pháp lệnh Ngoại hối")]),
    (
        "Luật Phòng, chống tác hại của thuốc lá cấm",
        [("Luật Phòng, chống tác hại của thuốc lá", "Luật Phòng, chống tác hại của thuốc lá")],
    ),
    ("dự thảo Luật Nhà giáo (sửa đổi)", [("Luật Nhà giáo", "Luật Nhà giáo")]),
    (
        "Luật sửa đổi, bổ sung một số điều của Luật Báo chí",
        [
            (
                "Luật sửa đổi, bổ sung một số điều của Luật Báo chí",
                "Luật sửa đổi, bổ sung một số điều của Luật Báo chí",
            ),
            ("Luật Báo chí", "Luật Báo chí"),
        ],
    ),
    (
        "Luật Nhà ở số 27/2023/QH15 có hiệu lực",
        [("Luật Nhà ở", "Luật Nhà ở 2023"), ("số 27/2023/QH15", "27/2023/QH15")],
    ),
    (
        "Luật Nhà ở 27/2023/QH15 có hiệu lực",
        [("Luật Nhà ở", "Luật Nhà ở 2023"), ("27/2023/QH15", "27/2023/QH15")],
    ),
    (
        "Luật Đất đai và Nghị định 102/2024/NĐ-CP",
        [("Luật Đất đai", "Luật Đất đai"), ("Nghị định 102/2024/NĐ-CP", "102/2024/NĐ-CP")],
    ),
    (
        "Bộ luật Hình sự số 100/2015 quy định",
        [("Bộ luật Hình sự", "Bộ luật Hình sự 2015"), ("số 100/2015", "100/2015/QH13")],
    ),
    (
        "Luật Quản lý đường sông ngòi nội đồng quy định",
        [("Luật Quản lý đường sông ngòi nội đồng", "Luật Quản lý đường sông ngòi nội đồng")],
    ),
]

NOTHING = [
    "các nghị quyết của Đảng và pháp luật của Nhà nước",
    "Luật sư Trần Văn A và luật gia Lê Thị B",
    "vi phạm kỷ luật, trái quy luật, theo quy định",
    "sinh viên khoa Luật, Đại học Luật Hà Nội",
    "Kế hoạch 5 năm tới và Kế hoạch 2017",
    "Quyết định 2 năm tù, quyết định 3 vấn đề",
    "theo nghị quyết 2270 của Hội đồng Bảo an",
    "Bộ luật Hình sự Liên bang Nga, Luật An ninh quốc gia Hong Kong",
    "đạo luật Magnitsky của Mỹ, Công ước về Luật Biển năm 1982",
    "hợp đồng số 12/2020/HĐ-KT, bản án số 05/2019/HS-ST",
    "Giấy phép số 55/GP-BTTTT do Bộ cấp",
    "HĐQT Công ty X ban hành quyết định số 468/QĐ-VCX về nhân sự",
    "dự luật được thông qua tại Tokyo",
    "biển số 51G-123.45, chuyến bay VN-1234, ngày 30/4, tỷ số 3-2",
    "mở lớp 12A, quốc lộ 1A, 24/7, 60km/h, 5 triệu/m2",
    "Nghị quyết Đại hội Đảng các cấp",
    "chương trình 60 phút, kế hoạch 100 ngày, thông báo 3 lần",
    "Các Nghị định, Thông tư hướng dẫn còn chậm",
    "Nghị định thư 7 về quá cảnh",
    "lỗi vi phạm luật giao thông, luật chơi, luật rừng",
    "nghị định 12 của Tổng thống Nga, Nghị quyết 5 của Quốc hội Mỹ",
    "theo pháp luật đất đai, chuyên ngành luật hình sự, giảng viên Luật Dân sự",
    "Nghị quyết Trung ương năm 2018 được tổng kết",
    "Nghị quyết Đại hội đồng cổ đông lần thứ 2",
    "Nghị quyết số 05/2024/NQ-HĐQT và Nghị quyết 01/NQ-ĐHĐCĐ của công ty",
    "Quyết định giám đốc thẩm số 05/2020/KDTM-GĐT",
    "sắc lệnh số 13769 của ông Trump, Hiến pháp năm 2020 của Nga",
    "nghị quyết 2334 gây tranh cãi ở Trung Đông",
    "Quy định 19 điều đảng viên không được làm",
    "Nghị quyết Đại hội Đảng bộ các cấp, nhiệm kỳ 2020 - 2025",
    "theo Hội đồng Hiến pháp và dự luật của Thượng viện",
    "lập kế hoạch 3 trong 1, chương trình 24h, báo cáo 9 tháng",
    "Thượng viện Mỹ, Luật Nhập cư của Mỹ, Hiến pháp Venezuela",
]

ALL = [*NUMBERED, *LISTS, *MEETINGS, *LAWS]


@pytest.mark.parametrize(("text", "expected"), ALL, ids=[text[:50] for text, _ in ALL])
def test_every_shape_is_found_with_its_key(text: str, expected: list[tuple[str, str]]) -> None:
    """Each reference comes out once, with the surface as it was typed and the official key."""
    found = [(mention.surface, mention.key) for mention in find_documents(text)]
    assert found == expected


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_document_is_left_alone(text: str) -> None:
    """Generic words, foreign laws, contracts, permits and counts are no mentions."""
    assert [(m.surface, m.key) for m in find_documents(text)] == []
