"""Common Thai given names and nicknames, each with the spellings that its bearers use."""

from __future__ import annotations

ROMANISED_NAMES = """
สมชาย somchai somchay
สมหญิง somying
สมศรี somsri somsee
สมบัติ sombat
สมพร somporn somphon
สมปอง sompong
สมศักดิ์ somsak
สมใจ somjai
สมพงษ์ sompong somphong
สมเกียรติ somkiat
สุดา suda
สุดารัตน์ sudarat
สุชาติ suchat suchart
สุชาดา suchada
สุนีย์ sunee
สุนันทา sunanta sunantha
สุนทร sunthorn soonthorn sunthon
สุภาพร supaporn suphaphon
สุภาวดี supawadee suphawadi
สุรชัย surachai
สุรศักดิ์ surasak
สุวรรณา suwanna
สุวิทย์ suwit
สุเทพ suthep
สุริยา suriya
สายฝน saifon saifhon
สายใจ saijai
สาวิตรี sawitree sawitri
สิริพร siriporn
สิริกาญจน์ sirikarn sirikan
ศิริพร siriporn siriphon
ศิริวรรณ siriwan
ศักดิ์ชัย sakchai
ศุภชัย supachai suphachai
ศรัณย์ saran
ศิรินทร์ sirin
มาลี malee mali
มาลัย malai
มานพ manop manob
มานะ mana
มณีรัตน์ maneerat manirat
มนัส manas manat
มยุรี mayuree mayuri
เมธา metha maetha
วิชัย wichai vichai
วิไล wilai vilai
วิภา wipa vipa wipha
วิภาวี wipawee vipavee
วีรยุทธ weerayut weerayuth
วีระ weera wira veera
วีรพล weerapol weeraphon
วราภรณ์ waraporn varaporn
วรรณา wanna vanna
วรรณวิสา wanwisa
วาสนา wasana wassana watsana
วันเพ็ญ wanpen wanphen
วัชระ watchara wachara
ณัฐพล nattapon nattapol natthaphon
ณัฐธิดา natthida nattida
ณัฐวุฒิ nattawut natthawut
ณัฐ nat nut
ณรงค์ narong
นงลักษณ์ nongluck nonglak
นฤมล naruemon narumon
นิตยา nittaya nitaya
นันทนา nantana nanthana
นภัสสร napatsorn naphatsorn
นภา napa napha
นารี naree nari
นิภา nipa nipha
นพดล noppadon nopadol
นิรันดร์ niran
ธนากร thanakorn tanakorn thanakon
ธนพล thanapon thanaphon tanapol
ธนวัฒน์ thanawat tanawat
ธีรเดช teeradet theeradet
ธีรพงษ์ teerapong theeraphong
ธิดารัตน์ thidarat tidarat
ธัญญารัตน์ thanyarat tanyarat
ทวีศักดิ์ thaweesak taweesak
ทัศนีย์ tassanee thatsanee
ทรงศักดิ์ songsak
ทิพย์ tip thip
กิตติพงษ์ kittipong kittiphong
กิตติ kitti
กิตติศักดิ์ kittisak
กนกวรรณ kanokwan
กนกพร kanokporn
กมลวรรณ kamonwan kamolwan
กมล kamon kamol
กัญญาณัฐ kanyanat kanyanut
กัญญา kanya
กาญจนา kanchana karnjana
กฤษณะ kritsana krisana
กฤษดา kritsada krisada
ก้องภพ kongpop kongphop
เกศินี kesinee kaesinee
เกรียงไกร kriangkrai
ขวัญใจ kwanjai khwanjai
จันทร์เพ็ญ chanpen janpen
จักรพันธ์ jakkapan chakkaphan
จักรี jakkree chakri
จิราพร jiraporn chiraphon
จิรายุ jirayu
จารุวรรณ jaruwan charuwan
จินตนา jintana chintana
เจริญ charoen jaroen
เฉลิมชัย chalermchai
ชัยวัฒน์ chaiwat
ชาญ chan charn
ชุติมา chutima
ชลธิชา chonticha chonthicha
ชนิดา chanida
ฐิติพร thitiporn titiporn
ดวงใจ duangjai
ดวงกมล duangkamon duangkamol
ดารา dara
ดาริกา darika
เดชา decha
บุษบา busaba butsaba
บุญมี boonmee bunmi
บุญชู boonchoo bunchu
บุญเลิศ boonlert
เบญจมาศ benjamas benchamat
ประเสริฐ prasert
ประภาส prapas praphat
ประสิทธิ์ prasit
ประยุทธ์ prayut prayuth
ปราณี pranee prani
ปรีชา preecha pricha
ปวีณา paweena pawina
ปิยะ piya
ปิยวัฒน์ piyawat
ปิยะนุช piyanuch piyanut
ปาริชาติ parichat
ปัญญา panya
พรทิพย์ pornthip porntip phonthip
พิมพ์ชนก pimchanok phimchanok
พิมพ์ใจ pimjai
พัชรี patcharee phatcharee
พงศกร pongsakorn phongsakon
พงษ์ศักดิ์ pongsak
พลอยไพลิน ploypailin
พลอย ploy phloi
เพ็ญศรี pensri pensee
แพรวา praewa phraewa
ไพลิน pailin phailin
ภัทรา pattra phattra
ภาณุวัฒน์ panuwat phanuwat
ภูวดล phuwadol puwadon
ยุพิน yupin
ยุพา yupa
รัตนา rattana ratana
รุ่งนภา rungnapa
รุ่งโรจน์ rungroj rungrot
เรวัต rewat
ลัดดา ladda
ละออง laong
วัฒนา wattana watthana
อนุชา anucha
อนันต์ anan
อรทัย orathai oratai
อรุณ arun aroon
อภิชาติ apichat apichart
อภิสิทธิ์ apisit aphisit
อมร amorn amon
อัมพร amporn amphon
อัญชลี anchalee aunchalee
อารีย์ aree ari
อำนวย amnuay
อำพล ampol amphon
อุไร urai
อุบล ubon
เอกชัย ekachai akkachai ekkachai
หทัยรัตน์ hathairat hatairat
ปวีณ pawin
แนน nan naen
นุ่น noon nun
นก nok nog
หนู noo nu
หนุ่ย nui
ฝน fon
ฟ้า fa fah
ปุ้ย pui puy
เมย์ may mei
มิ้นท์ mint
บีม beam bim
เอิร์ธ earth
ต้น ton
ต้นหอม tonhom
หมวย muay
อ้อม aom om
อร orn on
เจี๊ยบ jeab jiab
จอย joy joi
ตาล tarn tan
เฟิร์น fern
แบงค์ bank
กอล์ฟ golf
ออม aom om
เบสท์ best
ฟิล์ม film
พิม pim
กิ๊ฟ gift gif
บอส boss
ดาว dao
ไอซ์ ice
ขวัญ kwan khwan
เล็ก lek
ใหญ่ yai
โอ๋ oh
แดง daeng
น้ำ nam num
มะนาว manao
กุ้ง kung goong
ปู pu poo
ปลา pla
หมู mu moo
ไก่ kai gai
ส้ม som
แตงโม tangmo taengmo
ใบเตย baitoey baitoei
ข้าวหอม khaohom kaohom
แอน ann an
แอม am amm
นิด nid nit
แพท pat
จูน june
เจน jane jen
เบล bell belle
แก้ว kaew kaeo
แก้วตา kaewta
บัว bua
หญิง ying
ชาย chai
เก่ง keng geng
หนึ่ง nueng neung
ตูน toon tun
น้อย noi noy
อ้อย aoi oi
หน่อย noi
แป้ง pang paeng
ป๊อป pop
มด mod mot
แมว maew maeo
หวาน wan
อุ้ม aum oum um
"""
# Written after the rules were: what they do for names that they were not made with.
UNSEEN_NAMES = """
กันต์ kan gun
กฤต krit
กรกฎ korakot
กวินท์ kawin gavin
คมสัน komsan khomsan
ครรชิต kanchit khanchit
จตุพร jatuporn chatuphon
จารุณี jarunee charuni
จุฑามาศ juthamas chuthamat
ชมพู่ chompoo chomphu
ชวลิต chawalit chavalit
ชาลี chalee
ชูศักดิ์ choosak chusak
ณภัทร napat naphat
ดนัย danai
ดำรง damrong
ดุสิต dusit
ทนงศักดิ์ tanongsak thanongsak
ธวัชชัย thawatchai tawatchai
ธงชัย thongchai tongchai
ธันวา thanwa tanwa
ธัญญา thanya tanya
นพพร nopporn nopphon
นวลจันทร์ nuanchan nuanjan
นิพนธ์ nipon niphon
บรรจง banjong banchong
บัณฑิต bandit bundit
บุญส่ง boonsong bunsong
ปกรณ์ pakorn pakon
ปฐม pathom
ประยูร prayoon prayun
ประวิทย์ prawit pravit
ปรีดา preeda prida
ปาณิสรา panisara
ปิติ piti
พัชราภา patcharapa phatcharapha
พิชญา pitchaya pichaya
พิเชษฐ์ pichet phichet
พิสิษฐ์ pisit phisit
เพชร petch phet
ภาสกร passakorn phatsakon
ภาวิณี pawinee phawini
มนตรี montri montree
มนัสนันท์ manasnan manatsanan
มัลลิกา mallika manlika
มินตรา mintra mintara
ยงยุทธ yongyut yongyuth
รจนา rojana rotchana
รัชนี ratchanee rachanee
ลลิตา lalita
วรพจน์ worapot woraphot
วนิดา wanida vanida
วิมล wimon wimol vimol
วิทยา wittaya witthaya
วันชัย wanchai
ศศิธร sasithorn sasitorn
ศิวพร siwaporn
สกุล sakul sakun
สถาพร sathaporn sataporn
สมคิด somkid somkit
สมยศ somyot
สายัณห์ sayan
สาโรจน์ saroj sarot
สุกัญญา sukanya
สุจิตรา sujitra suchitra
สุพจน์ supot suphot
สุพรรณี supannee suphanni
สุมาลี sumalee sumali
เสาวลักษณ์ saowalak saowaluck
โสภา sopa sopha
อดิศักดิ์ adisak
อนงค์ anong
อภิญญา apinya aphinya
อรวรรณ orawan
อังคณา angkana aungkana
อาทิตย์ arthit athit
อำนาจ amnat amnaj
อิทธิพล itthipon ittipol
เอมอร aimorn emorn
โอภาส opas ophat
เต้ย toey
เบนซ์ benz
เปิ้ล ple
แตง tang taeng
แนท nat
โบว์ bow bo
โจ้ joe jo
ไผ่ phai pai
ไหม mai
กวาง kwang
เกด ket gade
เกมส์ game
แคท cat kat
จิ๊บ jib
เจี๊ยบ jeab
เดียร์ dear
ตั้ม tum tam
ติ๊ก tik
เติ้ล tle
ทราย sai
ธาม tham
นัท nut nat
นิว new
เนย noey noei
บิ๊ก big
ปอนด์ pond
ปาล์ม palm
เป้ pae pe
ฝ้าย fai
พลับ plub plap
มายด์ mind
ยุ้ย yui
รุ้ง rung
ลูกปลา lookpla lukpla
เหมียว meaw miao
อาร์ม arm
อิ๋ว ew iu
เอ๋ ae
โอ๊ต oat
"""


def _read(table: str) -> list[tuple[str, list[str]]]:
    """Name and its spellings, a line each."""
    return [(line.split()[0], line.split()[1:]) for line in table.strip().splitlines()]


NAMES, UNSEEN = _read(ROMANISED_NAMES), _read(UNSEEN_NAMES)
